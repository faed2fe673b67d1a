import {parseShare} from '../base/share.ts';
import type {Problems} from '../diagnostics/diagnostic.ts';
import type {Rollout} from '../model/graph.ts';
import type {YamlMap, YamlNode} from '../yaml/node.ts';
import {parseYaml} from '../yaml/parse.ts';
import {readSource} from '../yaml/read.ts';
import {createSchemaChecker} from '../yaml/schema.ts';
import type {Play, Playbook, PlayNeed, Reference, RoleUse} from './nouns.ts';
import {childMap, referencesOf, startOf, textOf, valueOf, wordsOf} from './read.ts';
import {PLAYBOOK_SCHEMA} from './schemas.ts';
import {type Kinds, readTask} from './task.ts';

const checker = createSchemaChecker(PLAYBOOK_SCHEMA);

/** The plays of a file; `undefined` after mistakes that were reported. */
export async function loadPlaybook(
  path: string,
  kinds: Kinds,
  problems: Problems,
): Promise<Playbook | undefined> {
  const source = await readSource(path, problems);
  const node = source && parseYaml(source, problems);
  return node && readPlaybook(node, kinds, problems);
}

/** The same of what stands in a file beside other things. */
export function readPlaybook(node: YamlNode, kinds: Kinds, problems: Problems): Playbook | undefined {
  if (node.type !== 'list') {
    problems.report('E405', {range: startOf(node.range), detail: 'A playbook is a list of plays.'});
    return undefined;
  }
  if (!checker.check(node, problems)) return undefined;
  const plays = node.items.map((item) => playOf(item, kinds, problems));
  reportDuplicates(plays, problems);
  reportUnknownPlays(plays, problems);
  return {plays, at: node.range};
}

function playOf(node: YamlNode, kinds: Kinds, problems: Problems): Play {
  const name = textOf(node, 'play') ?? '';
  return {
    id: textOf(node, 'id') ?? name.trim().replaceAll(/[^\w.]+/g, '-'),
    name,
    hosts: referencesOf(valueOf(node, 'hosts'))[0] ?? {name: '', at: node.range},
    needs: valueOf(node, 'needs') && referencesOf(valueOf(node, 'needs')).map(needOf),
    rollout: rolloutOf(childMap(node, 'rollout')),
    around: listOf(valueOf(node, 'around')).flatMap((item) => readTask(item, kinds, problems) ?? []),
    roles: listOf(valueOf(node, 'roles')).map(roleUseOf),
    vars: childMap(node, 'vars'),
    tags: wordsOf(valueOf(node, 'tags')),
    become: valueOf(node, 'become'),
    at: startOf(node.range),
  };
}

const listOf = (node: YamlNode | undefined): readonly YamlNode[] => (node?.type === 'list' ? node.items : []);

function needOf({name, at}: {readonly name: string; readonly at: PlayNeed['at']}): PlayNeed {
  const sameHost = name.endsWith('@host');
  return {name: sameHost ? name.slice(0, -'@host'.length) : name, at, sameHost};
}

function rolloutOf(node: YamlMap | undefined): Rollout {
  const share = (key: string) => {
    const value = node && valueOf(node, key);
    return value?.type === 'scalar' ? parseShare(String(value.value)) : undefined;
  };
  return {
    maxUnavailable: share('max_unavailable'),
    maxFailures: share('max_failures'),
    onFailure: node && textOf(node, 'on_failure') === 'stop' ? 'stop' : 'continue',
  };
}

function roleUseOf(node: YamlNode): RoleUse {
  const [role = {name: '', at: node.range}] = referencesOf(
    node.type === 'map' ? valueOf(node, 'role') : node,
  );
  return {
    role,
    entrypoint: referencesOf(valueOf(node, 'entrypoint'))[0],
    when: valueOf(node, 'when'),
    vars: childMap(node, 'vars'),
    tags: wordsOf(valueOf(node, 'tags')),
  };
}

function reportDuplicates(plays: readonly Play[], problems: Problems): void {
  const first = new Map<string, Play>();
  for (const play of plays) {
    const before = first.get(play.id);
    if (!before) first.set(play.id, play);
    else
      problems.report('E406', {
        range: play.at,
        detail: `Two plays have the id "${play.id}".`,
        hint: 'Give one of them an id of its own.',
        notes: [{range: before.at, message: 'the other one'}],
      });
  }
}

/** A need of a later play would be a cycle, and so would a bracket around it: only the plays before count. */
function reportUnknownPlays(plays: readonly Play[], problems: Problems): void {
  plays.forEach((play, index) => {
    for (const {name, at} of playsNamedIn(play)) {
      if (findPlay(plays.slice(0, index), name)) continue;
      const isLater = findPlay(plays, name) !== undefined;
      problems.report('E405', {
        range: at,
        detail: isLater
          ? `The play "${name}" does not stand before this one.`
          : `There is no play "${name}".`,
        hint: `Plays before this one: ${
          plays
            .slice(0, index)
            .map(({id}) => id)
            .join(', ') || 'none'
        }.`,
      });
    }
  });
}

const playsNamedIn = ({needs = [], around}: Play): readonly Reference[] => [
  ...needs,
  ...around.flatMap((bracket) => bracket.around ?? []),
];

/** By id, or by name. */
export const findPlay = <Named extends Pick<Play, 'id' | 'name'>>(
  plays: readonly Named[],
  name: string,
): Named | undefined => plays.find(({id}) => id === name) ?? plays.find((play) => play.name === name);
