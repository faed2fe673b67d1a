import type {TaskTemplate} from '../catalog/nouns.ts';
import type {TaskId} from '../model/names.ts';
import type {Unit} from './draft.ts';
import type {Item} from './loop-items.ts';
import {nameOf} from './role-uses.ts';

/** `<host|group>/<play>/<role>[.entrypoint]/<task>[<loop key>]` */
export function taskId(unit: Unit, template: TaskTemplate, item: Item | undefined): TaskId {
  const owner = template.runOnce ? groupOf(template, unit.play.play.hosts.name) : unit.host;
  const key = item ? `[${item.key}]` : '';
  return idOf(`${owner}/${unit.play.play.id}/${nameOf(unit)}/${template.id}${key}`);
}

/** What is done once is done for a group: the one that it is delegated to, else that of the play. */
export function groupOf({delegateTo}: TaskTemplate, hosts: string): string {
  return delegateTo?.type === 'scalar' ? String(delegateTo.value) : hosts;
}

const isTaskId = (text: string): text is TaskId => text.includes('/');

/** The one place that makes ids. */
export function idOf(text: string): TaskId {
  if (isTaskId(text)) return text;
  throw new Error(`Internal error: "${text}" cannot be the id of a task`);
}
