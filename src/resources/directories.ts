import {followed, stat} from '../facts/stat.ts';
import {type Unknown, unknown} from '../model/answer.ts';
import type {PendingChange} from '../model/change.ts';
import {type FactQuery, type Facts, fact, type Subject} from '../model/fact.ts';
import {sh} from '../shell/sh.ts';
import {type Attributes, attributeSteps, statWith, type WantedAttributes} from './attributes.ts';
import {seen} from './seen.ts';

/** A path and the directories above it, from the top, without the root. */
export function downTo(path: string): readonly string[] {
  const names = path.split('/').slice(1);
  return names.map((_, index) => `/${names.slice(0, index + 1).join('/')}`);
}

/** What must be known before directories are made down to a path. */
export const directoryFacts = (path: string): readonly FactQuery[] => downTo(path).map(followed);

/** Which of these are missing, or why they cannot be made. */
export function missingOf(paths: readonly string[], facts: Facts): readonly string[] | Unknown {
  const typeOf = (path: string): string | undefined => seen(facts, followed(path))?.type;
  const blocking = paths.find((path) => (typeOf(path) ?? 'directory') !== 'directory');
  if (blocking !== undefined) return unknown(`${blocking} is not a directory`);
  return [...new Set(paths)].filter((path) => typeOf(path) === undefined);
}

/** How directories are made, all alike, each behind the one above it. */
export function making(
  missing: readonly string[],
  wanted: WantedAttributes,
  attributes: Attributes,
): Pick<PendingChange, 'steps' | 'predicts'> & {readonly touches: readonly Subject[]} {
  const after = statWith('directory', undefined, wanted);
  if (missing.length === 0 || !after) return {steps: [], touches: [], predicts: []};
  return {
    steps: [
      // Five digits: with four, what is made in a set-group-id directory inherits that bit.
      sh`mkdir -m ${`0${after.mode}`} -- ${missing}`,
      ...attributeSteps(missing, undefined, {...wanted, mode: undefined}, attributes),
    ],
    touches: missing.map((path): Subject => `path:${path}`),
    predicts: missing.flatMap((path) => [fact(followed(path), after), fact(stat(path), after)]),
  };
}
