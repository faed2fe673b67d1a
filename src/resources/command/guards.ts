import type {Script} from '../../base/script.ts';
import {Secret, type Text} from '../../base/secret.ts';
import {output, type Printed, probe} from '../../facts/probe.ts';
import {stat} from '../../facts/stat.ts';
import type {ChangeDetail, Impact} from '../../model/change.ts';
import type {FactQuery, Facts} from '../../model/fact.ts';
import {shellText} from '../../shell/program.ts';
import {sh} from '../../shell/sh.ts';
import {seen} from '../seen.ts';

/** What a user may say about a command. */
export interface CommandSpec {
  readonly argv?: readonly string[];
  readonly cmd?: string;
  readonly creates?: string;
  readonly removes?: string;
  readonly unless?: string;
  readonly only_if?: string;
  readonly read?: string;
  readonly expect?: string;
  readonly chdir?: string;
  readonly environment: Readonly<Record<string, Text | number>>;
  readonly touches?: readonly string[];
  readonly impact: Impact;
  readonly sensitive: boolean;
}

/** A question, and why the command must run for it: `undefined` where it must not. */
interface Guard {
  readonly query: FactQuery;
  readonly reason: (facts: Facts) => ChangeDetail | undefined;
}

/** All guards of a command: it runs where each of them asks for it. */
export function guardsOf(spec: CommandSpec): readonly Guard[] {
  const {creates, removes, unless, only_if, read, expect} = spec;
  return [
    ...(creates === undefined ? [] : [existence(creates, 'creates', 'present')]),
    ...(removes === undefined ? [] : [existence(removes, 'removes', 'absent')]),
    ...(unless === undefined ? [] : [exitCode(spec, 'unless', unless)]),
    ...(only_if === undefined ? [] : [exitCode(spec, 'only_if', only_if)]),
    ...(read === undefined || expect === undefined ? [] : [printed(spec, read, expect)]),
  ];
}

function existence(at: string, attribute: string, after: 'present' | 'absent'): Guard {
  const query = stat(at);
  const reason = (facts: Facts): ChangeDetail | undefined => {
    const before = seen(facts, query) ? 'present' : 'absent';
    return before === after ? undefined : {attribute: `${attribute} ${at}`, before, after};
  };
  return {query, reason};
}

function exitCode(spec: CommandSpec, attribute: 'unless' | 'only_if', text: string): Guard {
  const query = probe(guardText(spec, text));
  const after = attribute === 'unless' ? 'succeeds' : 'fails';
  const reason = (facts: Facts): ChangeDetail | undefined => {
    const before = seen(facts, query) === 0 ? 'succeeds' : 'fails';
    return before === after ? undefined : {attribute: `${attribute} ${text}`, before, after};
  };
  return {query, reason};
}

function printed(spec: CommandSpec, text: string, after: string): Guard {
  const query = reading(spec, text);
  const reason = (facts: Facts): ChangeDetail | undefined => {
    const before = seen(facts, query);
    if (before?.exit_code === 0 && before.stdout === after) return undefined;
    const attribute = `read ${text}`;
    return spec.sensitive
      ? {attribute, before: '(hidden)', after: '(hidden)'}
      : {attribute, before: before?.stdout, after};
  };
  return {query, reason};
}

/** The question behind `read`. */
export const reading = (spec: Pick<CommandSpec, 'chdir' | 'environment'>, text: string): FactQuery<Printed> =>
  output(guardText(spec, text));

/** Guards are keys of facts, which may be shown: no secret gets there. */
function guardText({chdir, environment}: Pick<CommandSpec, 'chdir' | 'environment'>, text: string): string {
  const open = Object.entries(environment).filter(([, value]) => !(value instanceof Secret));
  return surrounded({chdir, environment: Object.fromEntries(open)}, shellText(text)).wire;
}

/** The environment is set in the shell, since arguments of programs can be read by everyone. */
export function surrounded(
  {
    chdir,
    environment,
  }: {readonly chdir?: string | undefined; readonly environment: CommandSpec['environment']},
  program: Script,
): Script {
  const pairs = Object.entries(environment).map(([name, value]) => sh` ${name}=${value}`);
  const exported = pairs.reduce<Script>((before, pair) => sh`${before}${pair}`, sh`export`);
  const inside = pairs.length > 0 ? sh`${exported}; ${program}` : program;
  return chdir === undefined ? inside : sh`cd -- ${chdir} || exit; ${inside}`;
}
