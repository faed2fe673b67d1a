/** From this many on, neighbouring hosts are written as a range: below, the names are easier to read. */
const SHORTEST_RANGE = 4;

/** "node1, node2, db" or "node[1:50], db": in the order given, ranges as an inventory would write them. */
export function hostList(hosts: readonly string[]): string {
  const parts: string[] = [];
  for (let start = 0; start < hosts.length; ) {
    const length = rangeLength(hosts, start);
    parts.push(...write(hosts.slice(start, start + length)));
    start += length;
  }
  return parts.join(', ');
}

/** How many hosts from `start` on count up by one. */
function rangeLength(hosts: readonly string[], start: number): number {
  let length = 1;
  while (isNext(hosts[start + length - 1], hosts[start + length])) length += 1;
  return length;
}

function isNext(host: string | undefined, next: string | undefined): boolean {
  const [a, b] = [numbered(host), numbered(next)];
  if (!a || !b || a.stem !== b.stem || Number(b.digits) !== Number(a.digits) + 1) return false;
  return a.digits.length === b.digits.length || !a.digits.startsWith('0');
}

function numbered(host: string | undefined): {readonly stem: string; readonly digits: string} | undefined {
  const match = /^(.*?)(\d+)$/.exec(host ?? '');
  return match ? {stem: match[1] ?? '', digits: match[2] ?? ''} : undefined;
}

function write(run: readonly string[]): readonly string[] {
  const [first, last] = [numbered(run[0]), numbered(run.at(-1))];
  if (run.length < SHORTEST_RANGE || !first || !last) return run;
  return [`${first.stem}[${first.digits}:${last.digits}]`];
}

/** `count(1, 'host')` is "1 host", `count(3, 'host')` is "3 hosts". */
export const count = (number: number, noun: string): string => `${number} ${noun}${number === 1 ? '' : 's'}`;
