/**
 * What would steer a terminal rather than be read: control characters without line feed and tab, and the marks
 * that change the direction of text.
 */
const STEERING = /(?![\n\t])[\p{Cc}\p{Bidi_Control}\u2028\u2029]/gu;

/** "Select graphic rendition": begins with ESC, which a pattern may not name. */
const COLOUR = new RegExp(`${String.fromCharCode(27)}\\[[\\d;:]*m`, 'g');

/** A text from a host or a file, safe to show: control characters and escape sequences are spelt out. */
export function visible(text: string): string {
  return text.replace(STEERING, spell);
}

/** As `visible`, on one line. */
export function visibleLine(text: string): string {
  return visible(text.replaceAll('\n', '\\n'));
}

/** The last lines of what a program printed, safe to show and none wider than `width`. */
export function lastLines(text: string, count: number, width = 400): readonly string[] {
  const all = text.replaceAll('\r\n', '\n').replace(/\n+$/, '').split('\n');
  const lines = all.length === 1 && all[0] === '' ? [] : all;
  const kept = lines.slice(-count).map((line) => clip(visible(uncoloured(overwritten(line))), width));
  const hidden = lines.length - kept.length;
  return hidden > 0 ? [`(${hidden} earlier ${hidden === 1 ? 'line' : 'lines'})`, ...kept] : kept;
}

/** The beginning of a text that is too long. */
export function clip(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, Math.max(0, width - 1))}…`;
}

/** Colours that a program chose are left out: spelt out they would only hide its words. */
const uncoloured = (line: string): string => line.replace(COLOUR, '');

/** Progress bars go back to the beginning of their line: only what was written last is of interest. */
const overwritten = (line: string): string => line.slice(line.replace(/\r+$/, '').lastIndexOf('\r') + 1);

const spell = (character: string): string => {
  const code = character.charCodeAt(0);
  return code < 0x100
    ? `\\x${code.toString(16).padStart(2, '0')}`
    : `\\u${code.toString(16).padStart(4, '0')}`;
};
