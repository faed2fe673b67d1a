import type {SourceRange} from '../diagnostics/source.ts';
import type {YamlNode} from '../yaml/node.ts';
import type {TaskTemplate} from './nouns.ts';

interface MadeTask {
  readonly id: string;
  readonly name: string;
  readonly kind: string;
  readonly spec: Readonly<Record<string, string | YamlNode>>;
  /** What it was made from. */
  readonly at: SourceRange;
}

/** A task that nobody wrote, without any of what a task may say beside its resource. */
export function madeTask({id, name, kind, spec, at}: MadeTask): TaskTemplate {
  const node = (value: string | YamlNode): YamlNode =>
    typeof value === 'string' ? {type: 'scalar', range: at, value} : value;
  const entries = Object.entries(spec).map(([key, value]) => [key, {key: at, value: node(value)}] as const);
  return {
    id,
    name: node(name),
    kind,
    spec: {type: 'map', range: at, entries: new Map(entries)},
    when: undefined,
    loop: undefined,
    needs: undefined,
    around: undefined,
    impact: 'none',
    become: undefined,
    retries: undefined,
    timeout: undefined,
    tags: [],
    locks: undefined,
    runOnce: false,
    delegateTo: undefined,
    at,
  };
}
