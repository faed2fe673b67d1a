import {clip, visible} from '../base/visible.ts';
import {placeOf} from '../diagnostics/source.ts';
import type {Palette} from '../report/palette.ts';
import type {Variable} from '../variables/variable.ts';
import {toJs} from '../yaml/access.ts';
import {maskedJson} from './masked.ts';

const WIDEST = 200;

/** A variable of a host. */
export interface Explained {
  readonly name: string;
  /** The winner first. */
  readonly all: readonly Variable[];
  /** What templates in the winner make of it, if that is known. */
  readonly rendered: unknown;
}

/** The value that wins, where it was set, and all that it beat. Secrets are named, not shown. */
export function explainVariable({name, all, rendered}: Explained, palette: Palette): string {
  const [winner, ...beaten] = all;
  if (!winner) return '';
  const written = valueOf(winner);
  const made = rendered === undefined ? written : show(rendered);
  return [
    `${palette.strong(name)} = ${made}`,
    ...(made === written ? [] : [`  ${palette.faint('from')}   ${written}`]),
    `  ${palette.good('set by')} ${sourceOf(winner)}`,
    ...beaten.map((each) => `  ${palette.faint('beats')}  ${sourceOf(each)}: ${valueOf(each)}`),
    '',
  ].join('\n');
}

const sourceOf = ({setBy, by, at}: Variable): string => `${visible(by)} (${setBy}) at ${placeOf(at)}`;

/** As it was written, with its templates. */
const valueOf = ({node}: Variable): string => show(toJs(node));

const show = (value: unknown): string => clip(visible(maskedJson(value)), WIDEST);
