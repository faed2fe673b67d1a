#!/usr/bin/env node
import process from 'node:process';
import {runCli} from './cli.ts';
import {thisMachine} from './this-machine.ts';

// At once: whoever interrupts does not wait for hosts that were being connected. What was written is written.
process.exit(await runCli(process.argv.slice(2), thisMachine()));
