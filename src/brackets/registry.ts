import type {BracketDefinition} from './define.ts';

/** Every bracket type, by its kind, in the order of the alphabet. */
export const BRACKETS: ReadonlyMap<string, BracketDefinition> = new Map<string, BracketDefinition>([]);
