import type {Problems} from '../diagnostics/diagnostic.ts';
import type {SourceRange} from '../diagnostics/source.ts';

/** More hosts than any inventory has: a range beyond it is a slip of the keyboard. */
const MAX_NAMES = 100_000;

/**
 * The names that a range stands for: `node[01:10]`, `rack[a:c]-[1:2]`, `n[0:10:5]`; a name without brackets is
 * itself. Both ends are included, zeros in front are kept. Empty after a mistake that was reported.
 */
export function expandHostRange(text: string, range: SourceRange, problems: Problems): readonly string[] {
  const names = expanded(text);
  if (typeof names !== 'string') return names;
  problems.report('E202', {range, detail: `"${text}" is not a range of hosts: ${names}`, hint: HINT});
  return [];
}

const HINT = 'Ranges are written node[01:10], rack[a:c] or node[0:10:2], with both ends included.';

/** The names, or a sentence that says why there are none. */
function expanded(text: string): readonly string[] | string {
  const match = /^([^[\]]*)\[([^[\]]*)\](.*)$/s.exec(text);
  if (!match) return /[[\]]/.test(text) ? 'a bracket has no partner.' : [text];
  const [, before = '', inside = '', after = ''] = match;
  const middle = valuesOf(inside);
  if (typeof middle === 'string') return middle;
  const rest = expanded(after);
  if (typeof rest === 'string') return rest;
  if (middle.length * rest.length > MAX_NAMES) return `it stands for more than ${MAX_NAMES} hosts.`;
  return middle.flatMap((value) => rest.map((end) => `${before}${value}${end}`));
}

function valuesOf(inside: string): readonly string[] | string {
  const [start, end, step = '1', ...more] = inside.split(':');
  if (start === undefined || end === undefined || more.length > 0)
    return 'it needs two ends, with a ":" between.';
  if (!/^[1-9]\d*$/.test(step)) return `its step "${step}" is not a whole number of at least 1.`;
  if (/^\d*$/.test(start) && /^\d+$/.test(end)) return numbers(start, end, Number(step));
  if (/^[a-zA-Z]$/.test(start) && /^[a-zA-Z]$/.test(end)) return letters(start, end, Number(step));
  return `its ends "${start}" and "${end}" are neither two numbers nor two letters.`;
}

function numbers(start: string, end: string, step: number): readonly string[] | string {
  const hasZeros = start.length > 1 && start.startsWith('0');
  if (hasZeros && start.length !== end.length) return 'with zeros in front both ends need the same length.';
  const values = steps({from: Number(start || '0'), to: Number(end), step});
  if (typeof values === 'string') return values;
  return values.map((value) => String(value).padStart(hasZeros ? start.length : 1, '0'));
}

/** Small letters come before capitals, as in Ansible. */
const ALPHABET = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ';

function letters(start: string, end: string, step: number): readonly string[] | string {
  const values = steps({from: ALPHABET.indexOf(start), to: ALPHABET.indexOf(end), step});
  return typeof values === 'string' ? values : values.map((index) => ALPHABET.charAt(index));
}

interface Steps {
  readonly from: number;
  readonly to: number;
  readonly step: number;
}

function steps({from, to, step}: Steps): readonly number[] | string {
  if (from > to) return 'its first end lies behind its last.';
  const count = Math.floor((to - from) / step) + 1;
  if (count > MAX_NAMES) return `it stands for more than ${MAX_NAMES} hosts.`;
  return Array.from({length: count}, (_, index) => from + index * step);
}
