import type {SourceRange} from '../diagnostics/source.ts';
import type {TaskId} from '../model/names.ts';
import type {Draft, DraftTask} from './draft.ts';

/** Whoever reads an output waits for the task that gives it, also across hosts. */
export function connectOutputs(draft: Draft): void {
  for (const task of draft.tasks) {
    const {when, template, rendered} = task;
    const at = template.when?.range ?? template.at;
    for (const from of when.reads) connect({from, output: 'outputs', at}, task, draft);
    for (const {leaf} of rendered?.spec.leaves ?? []) {
      const output = leaf.type.output?.name ?? 'outputs';
      for (const from of leaf.value.reads) connect({from, output, at: leaf.at}, task, draft);
    }
  }
}

interface Reading {
  readonly from: TaskId;
  readonly output: string;
  readonly at: SourceRange;
}

function connect({from, output, at}: Reading, task: DraftTask, draft: Draft): void {
  const producer = producerOf(from, draft);
  if (producer.isRuledOut) return reportMissing(from, at, task, draft);
  draft.edges.add(task, {from: producer, requires: 'success', because: {type: 'output', output, at}});
}

/** Whoever made the reference has noted it. */
export function producerOf(id: TaskId, {producers}: Draft): DraftTask {
  const producer = producers.get(id);
  if (!producer) throw new Error(`Internal error: nobody noted that ${id} is read`);
  return producer;
}

/** A task that a condition rules out gives nothing: better known now than on the host. */
export function reportMissing(
  from: TaskId,
  at: SourceRange,
  reader: {readonly id: TaskId},
  {world}: Draft,
): void {
  world.reportOnce('E505', `${at.source.file} ${at.from}`, {
    range: at,
    detail: `${reader.id} reads an output of ${from}, which never runs: its \`when\` does not hold there.`,
    hint: 'Give this task the same condition.',
  });
}
