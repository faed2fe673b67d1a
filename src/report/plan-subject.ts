import {visibleLine} from '../base/visible.ts';
import type {PlannedTask} from '../model/plan.ts';

/** Kinds of keys whose changes do not say by themselves what they are about. */
const SHOWN = /^(?:path|archive|unit|account):(?<subject>[^]+)$/;

/** What a task is about, for people: "/etc/fstab". `undefined` where its name or its change says so. */
export function subjectOf({key, name}: PlannedTask): string | undefined {
  const subject = SHOWN.exec(key ?? '')?.groups?.['subject'];
  return subject === undefined || name.includes(subject) ? undefined : visibleLine(subject);
}

/** " [docker.io]" of a task that a loop made, where its name does not say that. */
export function loopKeyOf({id, name}: PlannedTask): string {
  const key = /\[(?<key>[^]*)\]$/.exec(id)?.groups?.['key'];
  return key === undefined || name.includes(key) ? '' : ` [${visibleLine(key)}]`;
}
