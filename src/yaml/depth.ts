import type {CST} from 'yaml';

/** Far more than people nest; far less than what would fill the stack of those who walk the values. */
export const MAX_DEPTH = 200;

/** Whether values are nested deeper than that. Walks without recursion, as a full stack ends the process. */
export function isTooDeep(tokens: readonly CST.Token[]): boolean {
  let level: readonly CST.Token[] = tokens;
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > MAX_DEPTH) return true;
    level = level.flatMap(childrenOf);
  }
  return false;
}

function childrenOf(token: CST.Token): readonly CST.Token[] {
  if (token.type === 'document') return token.value ? [token.value] : [];
  if (!('items' in token)) return [];
  return token.items.flatMap(({key, value}) =>
    [key, value].filter((child) => child !== undefined && child !== null),
  );
}
