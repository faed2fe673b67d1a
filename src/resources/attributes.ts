import {modeAfter} from '../base/file-mode.ts';
import type {Script} from '../base/script.ts';
import {account} from '../facts/account.ts';
import type {Stat} from '../facts/stat.ts';
import {type Unknown, unknown} from '../model/answer.ts';
import type {ChangeDetail} from '../model/change.ts';
import type {FactQuery, Facts} from '../model/fact.ts';
import {sh} from '../shell/sh.ts';

/** Owner, group and permissions as a user writes them. What is not said is left as it is. */
export interface Attributes {
  readonly owner?: string | number;
  readonly group?: string | number;
  readonly mode?: string;
}

/** The same in the words of a host. */
export interface WantedAttributes {
  readonly owner: number | undefined;
  readonly group: number | undefined;
  readonly mode: string | undefined;
}

/** The questions that turn names into numbers: none for root, which is 0 everywhere. */
export function accountsOf({owner, group}: Attributes): readonly FactQuery<number>[] {
  const keys = [...(isName(owner) ? [`user/${owner}`] : []), ...(isName(group) ? [`group/${group}`] : [])];
  return keys.map(account);
}

const isName = (name: string | number | undefined): boolean =>
  typeof name === 'string' && name !== 'root' && !/^\d+$/.test(name);

/** What the attributes mean for a thing that has `bits` now, or is made with them. */
export function wantedOf(
  spec: Attributes,
  facts: Facts,
  before: {readonly bits: number; readonly isDirectory: boolean},
): WantedAttributes | Unknown {
  const owner = numberOf('user', spec.owner, facts);
  if (typeof owner === 'object') return owner;
  const group = numberOf('group', spec.group, facts);
  if (typeof group === 'object') return group;
  return {owner, group, mode: spec.mode === undefined ? undefined : modeAfter(spec.mode, before)};
}

function numberOf(
  what: 'user' | 'group',
  name: string | number | undefined,
  facts: Facts,
): number | undefined | Unknown {
  if (name === undefined) return undefined;
  if (!isName(name)) return name === 'root' ? 0 : Number(name);
  const answer = facts.get(account(`${what}/${name}`));
  if (answer.state === 'absent') return unknown(`there is no ${what} "${name}"`);
  return answer.state === 'unknown' ? answer : answer.value;
}

/** The attributes that are not as wanted, for people: names as they were written. */
export function attributeDetails(
  found: Stat | undefined,
  wanted: WantedAttributes,
  spec: Attributes,
): readonly ChangeDetail[] {
  return (['owner', 'group', 'mode'] as const)
    .filter((attribute) => wanted[attribute] !== undefined && wanted[attribute] !== found?.[attribute])
    .map((attribute) => ({
      attribute,
      before: found === undefined ? undefined : String(found[attribute]),
      after: attribute === 'mode' ? wanted.mode : String(spec[attribute]),
    }));
}

/** The commands that make the attributes as wanted. chown clears set-id bits, so chmod comes behind it. */
export function attributeSteps(
  paths: readonly string[],
  found: Stat | undefined,
  wanted: WantedAttributes,
  spec: Attributes,
): readonly Script[] {
  const changed = new Set(attributeDetails(found, wanted, spec).map(({attribute}) => attribute));
  const owner = changed.has('owner') ? String(spec.owner) : '';
  const group = changed.has('group') ? `:${spec.group}` : '';
  const mode = wanted.mode ?? found?.mode;
  const chowns = owner + group !== '';
  const chmods = changed.has('mode') || (chowns && /^[2-7]/.test(mode ?? ''));
  return [
    ...(chowns ? [sh`chown ${owner + group} -- ${paths}`] : []),
    ...(chmods && mode !== undefined ? [sh`chmod ${chmodWord(mode, found)} -- ${paths}`] : []),
  ];
}

/** With four digits chmod leaves the set-id bits of a directory as they are; with five it clears them. */
export const chmodWord = (mode: string, found: Pick<Stat, 'type' | 'mode'> | undefined): string =>
  found?.type === 'directory' && /^[2-7]/.test(found.mode) ? `0${mode}` : mode;

/** The stat of a thing with these attributes; `undefined` where one of them is not known. */
export function statWith(
  type: Stat['type'],
  found: Stat | undefined,
  wanted: WantedAttributes,
): Stat | undefined {
  const owner = wanted.owner ?? found?.owner;
  const group = wanted.group ?? found?.group;
  const mode = wanted.mode ?? found?.mode;
  if (owner === undefined || group === undefined || mode === undefined) return undefined;
  return {type, mode, owner, group};
}
