import {visibleLine} from '../base/visible.ts';
import type {PlannedTask} from '../model/plan.ts';

/** Kinds of keys whose changes do not say by themselves what they are about. */
const SHOWN = /^(?:path|archive|unit|account):(?<subject>[^]+)$/;

/** What a task is about, for people: "/etc/fstab". `undefined` where its name or its change says so. */
export function subjectOf({key, name}: PlannedTask): string | undefined {
  const subject = SHOWN.exec(key ?? '')?.groups?.['subject'];
  return subject === undefined || name.includes(subject) ? undefined : visibleLine(subject);
}
