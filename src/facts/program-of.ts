import type {Script} from '../base/script.ts';
import type {FactKind} from '../model/fact.ts';

/** Hosts that are alike are asked the same, mostly one behind the other: its text is made once. */
const programs = new WeakMap<
  FactKind<unknown>,
  {readonly keys: readonly string[]; readonly program: Script}
>();

export function programOf(kind: FactKind<unknown>, keys: readonly string[]): Script {
  const last = programs.get(kind);
  if (last?.keys.length === keys.length && keys.every((key, index) => key === last.keys[index]))
    return last.program;
  const program = kind.program(keys);
  programs.set(kind, {keys, program});
  return program;
}
