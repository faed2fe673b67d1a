#!/usr/bin/env node
import process from 'node:process';
import {quickStart} from './quick-start.ts';

quickStart(process.env);
const {runCli} = await import('./cli.ts');
const {thisMachine} = await import('./this-machine.ts');
const exitCode = await runCli(process.argv.slice(2), thisMachine());
// Whoever reads gets all of it; whoever interrupts does not wait for hosts that were being connected.
const flushed = [process.stdout, process.stderr].map(
  (stream) => new Promise((resolve) => stream.write('', resolve)),
);
await Promise.all(flushed);
process.exit(exitCode);
