import type {Script} from '../base/script.ts';

type Program = (keys: readonly string[]) => Script;

/** A program that depends on its keys alone: hosts that are alike are asked the same, and its text is made once. */
export function onceForAlike(program: Program): Program {
  let last: {readonly keys: readonly string[]; readonly script: Script} | undefined;
  return (keys) => {
    const isSame = last?.keys.length === keys.length && keys.every((key, index) => key === last?.keys[index]);
    if (!last || !isSame) last = {keys, script: program(keys)};
    return last.script;
  };
}
