import type {Scalar} from 'yaml';
import type {Problems} from '../diagnostics/diagnostic.ts';
import type {SourceRange} from '../diagnostics/source.ts';

type Plain = string | number | boolean | null;

interface Trap {
  readonly looks: RegExp;
  readonly unless?: (value: Plain) => boolean;
  readonly detail: (text: string, value: Plain) => string;
  readonly hint: (text: string) => string;
}

/** Values without quotes that YAML 1.1, which Ansible reads, takes for something else than YAML 1.2 does. */
const TRAPS: readonly Trap[] = [
  {
    looks: /^(yes|Yes|YES|on|On|ON)$/,
    detail: (text) => `Here "${text}" is a text; Ansible reads it as true.`,
    hint: (text) => `Write true, or the text in quotes: "${text}".`,
  },
  {
    looks: /^(no|No|NO|off|Off|OFF)$/,
    detail: (text) => `Here "${text}" is a text; Ansible reads it as false.`,
    hint: (text) => `Write false, or the text in quotes: "${text}".`,
  },
  {
    looks: /^[-+]?0\d+$/,
    detail: (text, value) => `Here ${text} is the number ${value}; Ansible reads it as an octal one.`,
    hint: (text) => `Write it in quotes: "${text}".`,
  },
  {
    looks: /^[-+]?\d[\d_]*_[\d_]*(\.[\d_]*)?$/,
    detail: (text) => `Here "${text}" is a text; Ansible reads it as a number.`,
    hint: (text) => `Write ${text.replaceAll('_', '')}, or the text in quotes: "${text}".`,
  },
  {
    looks: /^[-+]?\d+\.\d*0$/,
    detail: (text, value) => `${text} is the number ${value}: the zero at its end is lost.`,
    hint: (text) => `A version needs quotes: "${text}".`,
  },
  {
    looks: /^[-+]?\d{16,}$/,
    unless: (value) => Number.isSafeInteger(value),
    detail: (text, value) => `${text} is larger than a number can be exactly: it would become ${value}.`,
    hint: (text) => `Write it in quotes: "${text}".`,
  },
];

/** Warns where a plain value may mean something else than its writer thinks. */
export function warnOfTraps(scalar: Scalar, range: SourceRange, problems: Problems): void {
  const {type, source: text = ''} = scalar;
  const value = plainValue(scalar);
  if (type !== 'PLAIN') return;
  const trap = TRAPS.find(({looks, unless}) => looks.test(text) && unless?.(value) !== true);
  if (trap) problems.warn('E106', {range, detail: trap.detail(text, value), hint: trap.hint(text)});
  if (typeof value === 'number' && !Number.isFinite(value))
    problems.report('E102', {range, detail: `${text} is not a number that a host could be given.`});
}

/** What JSON can hold; other values of the YAML library stand as their text. */
export function plainValue({value, source = ''}: Scalar): Plain {
  if (value === null || value === undefined) return null;
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
  return source;
}
