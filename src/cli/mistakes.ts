import {CommanderError} from 'commander';
import type {Diagnostic} from '../diagnostics/diagnostic.ts';
import {isTransportError} from '../model/transport.ts';
import {EXIT} from './exit-codes.ts';

/** A mistake that ends the command; it is shown as a diagnostic. */
export class Mistake extends Error {
  readonly diagnostics: readonly Diagnostic[];

  constructor(...diagnostics: readonly Diagnostic[]) {
    super(diagnostics.map(({detail}) => detail).join('\n'));
    this.name = 'Mistake';
    this.diagnostics = diagnostics;
  }
}

/** A mistake on the command line. */
export const commandLineMistake = (detail: string, hint?: string): Mistake =>
  new Mistake({code: 'E601', severity: 'error', detail, ...(hint === undefined ? {} : {hint})});

/** What the parser of the command line has to say, in our form. */
export function asMistake(error: unknown): Mistake | undefined {
  if (error instanceof Mistake) return error;
  if (!(error instanceof CommanderError)) return undefined;
  const [sentence = '', ...rest] = error.message.replace(/^error: /, '').split('\n');
  const detail = `${sentence.charAt(0).toUpperCase()}${sentence.slice(1).replace(/\.$/, '')}.`;
  const [, suggestion] = /\(Did you mean (?:one of )?(.*?)\??\)$/.exec(rest.join(' ')) ?? [];
  const hint = suggestion === undefined ? 'See `provision --help`.' : `Did you mean ${suggestion}?`;
  return commandLineMistake(detail, hint);
}

/** How a command ends that something was thrown in. */
export function exitCodeOf(error: unknown): number {
  if (asMistake(error)) return EXIT.mistake;
  return isTransportError(error) ? EXIT.unreachable : EXIT.failed;
}
