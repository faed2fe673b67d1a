import {type Answer, known, unknown} from '../model/answer.ts';
import type {FactKind, FactQuery} from '../model/fact.ts';
import {sh} from '../shell/sh.ts';

/** What a systemd unit does now. A unit that nobody has heard of is inactive. */
export interface Unit {
  /** ActiveState: active, reloading, inactive, failed, activating, deactivating, … */
  readonly active: string;
  /** SubState: running, exited, auto-restart, dead, … */
  readonly sub: string;
  /** Of the last run: success, exit-code, signal, start-limit-hit, … */
  readonly result: string;
  /** Another one for each start. Empty where it was never started. */
  readonly invocation: string;
}

/** How a systemd unit is defined. */
export interface UnitFile {
  /** LoadState: loaded, not-found, masked, bad-setting, … */
  readonly load: string;
  /** UnitFileState: enabled, disabled, static, masked, … Empty where there is no file. */
  readonly enabled: string;
  /** Whether its files on disk are newer than what systemd has read. */
  readonly needsReload: boolean;
  /** A oneshot that is inactive again once it has run. */
  readonly passing: boolean;
}

const runtime: FactKind<Unit> = {
  name: 'unit',
  summary: 'What a systemd unit does now: active, sub, result, invocation.',
  program: (keys) => sh`systemctl show --property=ActiveState,SubState,Result,InvocationID -- ${keys}`,
  parse: (output, keys) =>
    eachUnit(output, keys.length, (of) => ({
      active: of('ActiveState'),
      sub: of('SubState'),
      result: of('Result'),
      invocation: of('InvocationID'),
    })),
};

const definition: FactKind<UnitFile> = {
  name: 'unit_file',
  summary: 'How a systemd unit is defined: load, enabled, needsReload, passing.',
  derived: true,
  program: (keys) =>
    sh`systemctl show --property=LoadState,UnitFileState,NeedDaemonReload,Type,RemainAfterExit -- ${keys}`,
  parse: (output, keys) =>
    eachUnit(output, keys.length, (of) => ({
      load: of('LoadState'),
      enabled: of('UnitFileState'),
      needsReload: of('NeedDaemonReload') === 'yes',
      passing: isPassing(of),
    })),
};

type Properties = (name: string) => string;

/** A oneshot that is inactive again once it has run: that it is not active says nothing. */
export const isPassing = (of: Properties): boolean =>
  of('Type') === 'oneshot' && of('RemainAfterExit') !== 'yes';

function eachUnit<Value>(
  output: Uint8Array,
  count: number,
  read: (of: Properties) => Value,
): readonly Answer<Value>[] {
  const blocks = propertiesOf(new TextDecoder().decode(output));
  if (blocks.length !== count)
    return Array.from({length: count}, () => unknown('systemctl answered for other units'));
  return blocks.map((properties) => known(read((name) => properties.get(name) ?? '')));
}

/** What `systemctl show` printed: a block of properties for each unit, in the order of the question. */
export function propertiesOf(text: string): readonly ReadonlyMap<string, string>[] {
  return text
    .trim()
    .split(/\n\n+/)
    .map(
      (block) =>
        new Map(block.split('\n').map((line) => [nameIn(line), line.slice(nameIn(line).length + 1)])),
    );
}

const nameIn = (line: string): string => line.split('=', 1)[0] ?? line;

/** With its suffix: `sshd` is `sshd.service`. */
export const unitName = (name: string): string =>
  /\.(service|socket|target|timer|mount|automount|path|slice|scope|swap|device)$/.test(name)
    ? name
    : `${name}.service`;

export const unit = (name: string): FactQuery<Unit> => {
  const key = unitName(name);
  return {kind: runtime, key, subject: `unit:${key}`};
};

export const unitFile = (name: string): FactQuery<UnitFile> => {
  const key = unitName(name);
  return {kind: definition, key, subject: `unit:${key}`};
};
