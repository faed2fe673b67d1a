import type {YamlMap, YamlNode} from '../yaml/node.ts';
import {madeTask} from './made-task.ts';
import type {TaskTemplate} from './nouns.ts';
import {referencesOf, textOf, valueOf} from './read.ts';

/** The id of the task that compares a host with the platforms of a role. No user writes it. */
export const PLATFORMS_ID = 'platforms';

/**
 * What a role says of its platforms, as a check before its first task: a host elsewhere is told in the plan, and
 * is not refused, because a role mostly works on a near relative of what it was tried on.
 */
export function platformsTask(role: string, main: YamlMap): TaskTemplate | undefined {
  const platforms = valueOf(main, 'platforms');
  if (platforms?.type !== 'list' || platforms.items.length === 0) return undefined;
  const at = platforms.range;
  return madeTask({
    id: PLATFORMS_ID,
    name: `Look whether ${role} knows the operating system`,
    kind: 'check',
    spec: {
      assert: platforms.items.map(conditionOf).join(' || '),
      message: `The role "${role}" was not tried on {{ profile.os.id }} {{ profile.os.version }}.`,
      hint: `It is known to work on ${platforms.items.map(wordsFor).join(', ')}.`,
      severity: 'warning',
    },
    at,
  });
}

interface Platform {
  readonly os: string;
  readonly versions: readonly string[];
}

/** A name alone stands for its relatives too; with versions it is exact. */
function platformOf(node: YamlNode): Platform {
  const map = node.type === 'map' ? node : undefined;
  const os = map ? textOf(map, 'os') : referencesOf(node)[0]?.name;
  return {os: os ?? '', versions: map ? referencesOf(valueOf(map, 'versions')).map(({name}) => name) : []};
}

function conditionOf(node: YamlNode): string {
  const {os, versions} = platformOf(node);
  const isOs = `profile.os.id == ${JSON.stringify(os)}`;
  if (versions.length > 0) return `${isOs} && profile.os.version in ${JSON.stringify(versions)}`;
  return `${isOs} || ${JSON.stringify(os)} in profile.os.family`;
}

const wordsFor = (node: YamlNode): string => {
  const {os, versions} = platformOf(node);
  return [os, versions.join(' and ')].filter((word) => word !== '').join(' ');
};
