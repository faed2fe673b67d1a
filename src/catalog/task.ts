import {didYouMean, nearest} from '../base/nearest.ts';
import type {Problems} from '../diagnostics/diagnostic.ts';
import {IMPACTS} from '../model/change.ts';
import type {YamlEntry, YamlMap, YamlNode} from '../yaml/node.ts';
import {createSchemaChecker} from '../yaml/schema.ts';
import {ansibleKindHint, ansibleWordHint} from './ansible-words.ts';
import type {TaskTemplate} from './nouns.ts';
import {isTrue, referencesOf, startOf, textOf, valueOf, wordsOf} from './read.ts';
import {TASK_WORDS} from './schemas.ts';

/** Which kinds of resources and brackets there are. */
export interface Kinds {
  readonly resources: {has(kind: string): boolean; keys(): Iterable<string>};
  readonly brackets: {has(kind: string): boolean; keys(): Iterable<string>};
}

const checker = createSchemaChecker({type: 'object', properties: TASK_WORDS});

/** A task as it is written; `undefined` after mistakes that were reported. */
export function readTask(node: YamlNode, kinds: Kinds, problems: Problems): TaskTemplate | undefined {
  if (node.type !== 'map') {
    problems.report('E403', {
      range: node.range,
      detail: 'A task is a map: its id, its name, and what it wants.',
    });
    return undefined;
  }
  const wellFormed = checker.check(node, problems);
  const kind = kindOf(node, kinds, problems);
  const id = idOf(node, problems);
  if (!wellFormed || !kind || id === undefined) return undefined;
  const isBracket = kinds.brackets.has(kind.name);
  reportMisplaced(node, isBracket ? NOT_OF_BRACKETS : NOT_OF_RESOURCES, problems);
  return templateOf(node, id, kind);
}

interface Kind {
  readonly name: string;
  readonly entry: YamlEntry;
}

function idOf(node: YamlMap, problems: Problems): string | undefined {
  const id = textOf(node, 'id');
  if (id === undefined)
    problems.report('E403', {
      range: startOf(node.range),
      detail: 'This task has no id. Plans, `needs` and `--target` name it by that.',
      hint: 'Begin it with a line like "id: install".',
    });
  return id;
}

/** The one key that is no word of the engine. */
function kindOf(node: YamlMap, kinds: Kinds, problems: Problems): Kind | undefined {
  const others = [...node.entries].filter(([key]) => !(key in TASK_WORDS));
  const known = others.filter(([key]) => kinds.resources.has(key) || kinds.brackets.has(key));
  for (const [key, entry] of others) {
    if (!known.some(([name]) => name === key))
      reportUnknown(key, entry, {hasKind: known.length > 0, kinds}, problems);
  }
  const [first, second] = known;
  if (second && first)
    problems.report('E403', {
      range: second[1].key,
      detail: `This task wants two things, "${first[0]}" and "${second[0]}"; a task wants one.`,
      notes: [{range: first[1].key, message: 'the other one'}],
    });
  if (others.length === 0)
    problems.report('E403', {
      range: startOf(node.range),
      detail: 'This task says nothing about what it wants.',
      hint: 'A task has one resource, named by its kind, for example "file: {path: /etc/x, state: absent}".',
    });
  return first && others.length === 1 ? {name: first[0], entry: first[1]} : undefined;
}

function reportUnknown(
  key: string,
  entry: YamlEntry,
  {hasKind, kinds}: {readonly hasKind: boolean; readonly kinds: Kinds},
  problems: Problems,
): void {
  const words = Object.keys(TASK_WORDS);
  const wordHint = ansibleWordHint(key);
  const isWord = hasKind || wordHint !== undefined || nearest(key, words) !== undefined;
  const kindHint = isWord ? undefined : ansibleKindHint(key, (kind) => kinds.resources.has(kind));
  const candidates = isWord ? words : [...words, ...kinds.resources.keys(), ...kinds.brackets.keys()];
  const hint = wordHint ?? kindHint ?? didYouMean(key, candidates);
  problems.report(isWord ? 'E103' : 'E404', {
    range: entry.key,
    detail: isWord ? `"${key}" is no property of a task.` : `There is no resource type "${key}".`,
    ...(hint && {hint}),
  });
}

interface Misplaced {
  readonly words: readonly string[];
  readonly why: string;
}

const NOT_OF_BRACKETS: Misplaced = {
  words: ['when', 'loop', 'needs', 'retries', 'locks'],
  why: 'a bracket is there when its tasks change, as often and as early as they ask for it.',
};
const NOT_OF_RESOURCES: Misplaced = {
  words: ['around', 'impact'],
  why: 'only brackets have it. A resource stays when the run has ended.',
};

function reportMisplaced(node: YamlMap, {words, why}: Misplaced, problems: Problems): void {
  for (const word of words) {
    const entry = node.entries.get(word);
    if (entry) problems.report('E403', {range: entry.key, detail: `"${word}" does not belong here: ${why}`});
  }
}

function templateOf(node: YamlMap, id: string, kind: Kind): TaskTemplate {
  const around = valueOf(node, 'around');
  return {
    id,
    name: valueOf(node, 'name'),
    kind: kind.name,
    spec: kind.entry.value,
    when: valueOf(node, 'when'),
    loop: valueOf(node, 'loop'),
    needs: node.entries.has('needs') ? referencesOf(valueOf(node, 'needs')) : undefined,
    around: around && referencesOf(around),
    impact: IMPACTS.find((impact) => impact === textOf(node, 'impact')) ?? 'none',
    become: valueOf(node, 'become'),
    retries: valueOf(node, 'retries'),
    timeout: valueOf(node, 'timeout'),
    tags: wordsOf(valueOf(node, 'tags')),
    locks: valueOf(node, 'locks'),
    runOnce: isTrue(valueOf(node, 'run_once')),
    delegateTo: valueOf(node, 'delegate_to'),
    at: startOf(node.range),
  };
}
