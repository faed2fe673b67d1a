import type {Script} from '../../src/base/script.ts';
import type {Session} from '../../src/shell/session.ts';
import type {Shell, StepResult} from '../../src/shell/shell.ts';

/** Runs one step; that it is skipped is a failure of the test. */
export async function run(shell: Shell, script: Script): Promise<StepResult> {
  const result = await shell.send(script, {onFailure: 'go-on'});
  if (result === 'skipped') throw new Error('The step was skipped');
  return result;
}

/** What one step prints, without the line's end. */
export async function output(session: Session, script: Script, user?: string): Promise<string> {
  return Buffer.from((await run(await session.shell(user), script)).stdout)
    .toString()
    .trim();
}
