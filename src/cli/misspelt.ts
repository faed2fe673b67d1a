import {existsSync} from 'node:fs';
import type {Command} from 'commander';
import {nearest} from '../base/nearest.ts';
import {commandLineMistake} from './mistakes.ts';

/** A misspelt command looks like an inventory: a plain word that is no file, close to the name of a command. */
export function refuseMisspelt([word]: readonly string[], {commands}: Command): void {
  if (word === undefined || !/^[a-z]+$/.test(word) || existsSync(word)) return;
  const near = nearest(
    word,
    commands.map((command) => command.name()),
  );
  if (near === undefined) return;
  throw commandLineMistake(
    `"${word}" is neither a command nor an inventory file.`,
    `Did you mean \`provision ${near}\`?`,
  );
}
