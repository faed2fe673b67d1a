import type {Summary} from '../model/event.ts';
import {ndjsonReporter} from '../report/ndjson.ts';
import {type Reporter, together} from '../report/reporter.ts';
import type {OutputFlags} from './flags.ts';
import {exitCodeOf} from './mistakes.ts';
import {fileReporter} from './reporting.ts';
import type {World} from './world.ts';

const NOTHING: Summary = {ok: 0, changed: 0, skipped: 0, failed: 0, unreachable: 0};

/**
 * Hands out what programs read of a run: the report, and stdout where that is NDJSON. Both end in `run-finished`
 * also where a mistake kept the run from beginning: a report never is the one of the run before.
 */
export async function recorded(
  flags: OutputFlags,
  world: World,
  work: (record: Reporter) => Promise<number>,
): Promise<number> {
  const startedAt = Date.now();
  const record = together([
    ...(flags.output === 'ndjson' ? [ndjsonReporter(world.out.write)] : []),
    ...(flags.report === undefined ? [] : [await fileReporter(flags.report)]),
  ]);
  let hasEnd = false;
  const listen: Reporter['listen'] = (event) => {
    hasEnd ||= event.type === 'run-finished';
    record.listen(event);
  };
  try {
    return await work({listen, close: async () => {}});
  } catch (error) {
    const at = Date.now();
    const end = {at, summary: NOTHING, exitCode: exitCodeOf(error), durationMs: at - startedAt};
    if (!hasEnd) listen({type: 'run-finished', ...end});
    throw error;
  } finally {
    await record.close();
  }
}
