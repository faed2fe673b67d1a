import type {Failure} from '../model/outcome.ts';
import type {StepResult} from '../shell/shell.ts';

/** What a step says of itself by its exit code. */
export function failureOf(command: string, {exitCode, stdout, stderr}: StepResult): Failure | undefined {
  if (exitCode === 0) return undefined;
  const [out, err] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  return {reason: 'command-failed', command, exitCode, stdout: out ?? '', stderr: err ?? ''};
}
