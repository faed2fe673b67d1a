import type {Schema} from '../yaml/inline.ts';
import {BOOLEAN, TEXT, WHOLE_NUMBER} from './type-only.ts';
import {isMap, typeName} from './values.ts';

/** A function for templates. */
export interface Helper {
  /** As it is written: `join LIST [SEPARATOR]`. */
  readonly usage: string;
  readonly summary: string;
  /** At least and at most so many arguments. */
  readonly args: readonly [number, number];
  /** The types of its arguments; the last is that of all further ones. */
  readonly takes: readonly Schema[];
  /** The type of what it gives, by those of what it got. */
  gives(given: readonly Schema[]): Schema;
  readonly options?: readonly string[];
  /** Hands values on as they are. All others get Secrets as texts, and what they make of them is a Secret. */
  readonly keepsSecrets?: boolean;
  run(args: readonly unknown[], options: {readonly [name: string]: unknown}): unknown;
}

/** What a user gave to a helper does not fit. The message never quotes a value: it could be a Secret. */
export class HelperMistake extends Error {}

/** What most of them give. */
export const text = (): Schema => TEXT;
export const truth = (): Schema => BOOLEAN;
export const number = (): Schema => WHOLE_NUMBER;

export function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  throw new HelperMistake(`A text is expected here, and this is ${typeName(value)}.`);
}

/** What reads the same for everybody: not null, lists or maps. */
export function textOrNumber(value: unknown): string {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
    return String(value);
  throw new HelperMistake(`A text or a number is expected here, and this is ${typeName(value)}.`);
}

export function wholeNumber(value: unknown): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0) return value;
  throw new HelperMistake('A whole number, 0 or more, is expected here.');
}

export function listOf(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw new HelperMistake('A list is expected here.');
}

export function mapOf(value: unknown): {readonly [key: string]: unknown} {
  if (isMap(value)) return value;
  throw new HelperMistake('A map is expected here.');
}
