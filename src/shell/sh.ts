import type {Script} from '../base/script.ts';
import {Secret, type Text} from '../base/secret.ts';

type Value = Text | number | Script | readonly Text[];

/**
 * sh`systemctl restart ${unit}`: the template is trusted, every value is quoted, a list is several words, a
 * script is put in as it is. Escapes are TypeScript's: a backslash for the shell is written twice, `\\${` is its dollar brace.
 */
export function sh(template: TemplateStringsArray, ...values: readonly Value[]): Script {
  return inBothForms((form) => String.raw({raw: template}, ...values.map((value) => render(value, form))));
}

/** Most programs are never shown: what they look like is made when it is asked for. */
function inBothForms(join: (form: keyof Script) => string): Script {
  return {
    wire: join('wire'),
    get display() {
      return join('display');
    },
  };
}

function render(value: Value, form: keyof Script): string {
  if (value instanceof Secret) return form === 'wire' ? quote(value.reveal()) : '***';
  if (typeof value !== 'object') return quote(String(value));
  if ('wire' in value) return value[form];
  return value.map((word) => render(word, form)).join(' ');
}

/** Several scripts as one, line by line. */
export function lines(scripts: readonly Script[]): Script {
  return inBothForms((form) => scripts.map((script) => script[form]).join('\n'));
}

/** Safe in every POSIX shell: single quotes protect all but themselves. A NUL cannot be in an argument. */
export function quote(text: string): string {
  if (text.includes('\0')) throw new Error('Internal error: a NUL byte in a shell word');
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
