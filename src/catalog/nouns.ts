import type {Source, SourceRange} from '../diagnostics/source.ts';
import type {Impact} from '../model/change.ts';
import type {Rollout} from '../model/graph.ts';
import type {Schema} from '../yaml/inline.ts';
import type {YamlEntry, YamlMap, YamlNode} from '../yaml/node.ts';

/** A name that stands in a file for something that stands elsewhere. */
export interface Reference {
  readonly name: string;
  readonly at: SourceRange;
}

/** A reusable piece of work, as its folder describes it. */
export interface Role {
  readonly name: string;
  /** Its folder. */
  readonly folder: string;
  readonly summary: string;
  readonly needs: readonly Reference[];
  readonly entrypoints: ReadonlyMap<string, Entrypoint>;
  readonly defaultEntrypoint: string | undefined;
  readonly presentIf: PresentIf | undefined;
  /** The variables that it reads; `undefined` where it has no schema.json. */
  readonly variables: RoleVariables | undefined;
  readonly defaults: ReadonlyMap<string, YamlEntry>;
  /** By their path below templates/. */
  readonly templates: ReadonlyMap<string, Source>;
  readonly at: SourceRange;
}

/** What schema.json says: of each variable its type, and which must be set. */
export interface RoleVariables {
  readonly properties: ReadonlyMap<string, Schema>;
  readonly required: readonly string[];
  readonly at: SourceRange;
}

/** How to tell that a role is installed on a host: a kind of fact, and its key. */
export interface PresentIf {
  readonly kind: Reference;
  readonly key: YamlNode;
}

/** A way to run a role: its tasks, in order. */
export interface Entrypoint {
  readonly name: string;
  readonly tasks: readonly TaskTemplate[];
}

/** A task before it meets a host. */
export interface TaskTemplate {
  readonly id: string;
  readonly name: YamlNode | undefined;
  readonly kind: string;
  readonly spec: YamlNode;
  readonly when: YamlNode | undefined;
  readonly loop: YamlNode | undefined;
  /** `undefined`: behind all that is written before it. */
  readonly needs: readonly Reference[] | undefined;
  /** Only of a bracket: of a role tasks, of a play other plays. */
  readonly around: readonly Reference[] | undefined;
  readonly impact: Impact;
  readonly become: YamlNode | undefined;
  readonly retries: YamlNode | undefined;
  readonly timeout: YamlNode | undefined;
  readonly tags: readonly string[];
  readonly locks: YamlNode | undefined;
  readonly runOnce: boolean;
  readonly delegateTo: YamlNode | undefined;
  readonly at: SourceRange;
}

/** The plays of one file, in order. */
export interface Playbook {
  readonly plays: readonly Play[];
  readonly at: SourceRange;
}

export interface Play {
  readonly id: string;
  readonly name: string;
  readonly hosts: Reference;
  /** `undefined`: behind all plays before it. */
  readonly needs: readonly PlayNeed[] | undefined;
  readonly rollout: Rollout;
  readonly around: readonly TaskTemplate[];
  readonly roles: readonly RoleUse[];
  readonly vars: YamlMap | undefined;
  readonly tags: readonly string[];
  readonly become: YamlNode | undefined;
  readonly at: SourceRange;
}

export interface PlayNeed extends Reference {
  /** `name@host`: for each host only what the same host did there. */
  readonly sameHost: boolean;
}

export interface RoleUse {
  readonly role: Reference;
  readonly entrypoint: Reference | undefined;
  readonly when: YamlNode | undefined;
  readonly vars: YamlMap | undefined;
  readonly tags: readonly string[];
}

/** What is there to be used. */
export interface Catalog {
  readonly roles: ReadonlyMap<string, Role>;
  /** The variables that these roles know. */
  readonly variables: ReadonlySet<string>;
  /** Those of roles that no play uses: read when they are asked for, which is seldom. */
  readonly otherVariables: () => ReadonlySet<string>;
}
