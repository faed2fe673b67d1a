/** Colours by meaning. Every text that is shown passes through one, so that none is left in a log. */
export interface Palette {
  readonly good: Paint;
  readonly bad: Paint;
  readonly caution: Paint;
  readonly change: Paint;
  readonly faint: Paint;
  readonly strong: Paint;
}

export type Paint = (text: string) => string;

const same: Paint = (text) => text;
const ansi =
  (code: number, end: number): Paint =>
  (text) =>
    `\u001b[${code}m${text}\u001b[${end}m`;

/** For logs, files and pipes. */
export const NO_COLOUR: Palette = {
  good: same,
  bad: same,
  caution: same,
  change: same,
  faint: same,
  strong: same,
};

/** The eight colours that every terminal has; the user's theme decides how they look. */
export const COLOUR: Palette = {
  good: ansi(32, 39),
  bad: ansi(31, 39),
  caution: ansi(33, 39),
  change: ansi(36, 39),
  faint: ansi(2, 22),
  strong: ansi(1, 22),
};

interface Surroundings {
  readonly isTTY: boolean | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Colour on a terminal, unless NO_COLOR is set or the terminal is dumb; FORCE_COLOR asks for it anywhere. */
export function paletteFor({isTTY, env}: Surroundings): Palette {
  if (env['NO_COLOR'] !== undefined && env['NO_COLOR'] !== '') return NO_COLOUR;
  if (env['FORCE_COLOR'] !== undefined && env['FORCE_COLOR'] !== '0') return COLOUR;
  return isTTY === true && env['TERM'] !== 'dumb' ? COLOUR : NO_COLOUR;
}
