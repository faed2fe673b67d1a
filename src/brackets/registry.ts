import commandWindow from './command-window.ts';
import type {BracketDefinition} from './define.ts';
import fileFlag from './file-flag.ts';

/** Every bracket type, by its kind, in the order of the alphabet. */
export const BRACKETS: ReadonlyMap<string, BracketDefinition> = new Map(
  [commandWindow, fileFlag].map((type) => [type.kind, type]),
);
