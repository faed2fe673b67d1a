import type {Script} from '../base/script.ts';

/** Shell text that a user wrote in a file of theirs: a guard, a check. It is run as it stands, and shown so. */
export const shellText = (text: string): Script => ({wire: text, display: text});

/** A long program of ours, shown by a line that says what it does. */
export const named = (line: Script, program: Script): Script => ({wire: program.wire, display: line.display});
