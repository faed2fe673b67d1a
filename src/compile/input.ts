import type {BracketDefinition} from '../brackets/define.ts';
import type {Catalog, Playbook} from '../catalog/nouns.ts';
import type {Inventory} from '../inventory/inventory.ts';
import type {VariableLayer} from '../inventory/layer.ts';
import type {FactQuery} from '../model/fact.ts';
import type {ResourceDefinition} from '../resources/define.ts';
import type {Variables} from '../variables/variables.ts';

/** All that a graph is made from. Nothing here talks to a host. */
export interface CompileInput {
  readonly inventory: Inventory;
  readonly variables: Variables;
  /** What `-e` set; it is in `variables` too. */
  readonly commandLine: readonly VariableLayer[];
  readonly catalog: Catalog;
  readonly playbook: Playbook;
  readonly selection: Selection;
  readonly resources: ReadonlyMap<string, ResourceDefinition>;
  readonly brackets: ReadonlyMap<string, BracketDefinition>;
  readonly factKinds: ReadonlyMap<string, (key: string) => FactQuery>;
  readonly files: LocalFiles;
}

/** What may change. What is not selected is still looked at where something selected needs it. */
export interface Selection {
  /** A host pattern. */
  readonly limit?: string;
  readonly tags?: readonly string[];
  readonly skipTags?: readonly string[];
  /** Task ids; `*` stands for any part. */
  readonly targets?: readonly string[];
}

/** Files on the controller that roles hand out. */
export interface LocalFiles {
  has(path: string): boolean;
  /** `undefined` where there is no such file. Small text comes as a whole, anything else by its digest. */
  read(path: string): LocalFile | undefined;
  /** SHA-256 of a file of any size; `undefined` where there is none. */
  digest(path: string): string | undefined;
  /** Whether something else than a path has the file of this SHA-256: a bundle. */
  offers(sha256: string): boolean;
}

export type LocalFile =
  | {readonly type: 'text'; readonly text: string}
  | {readonly type: 'digest'; readonly sha256: string; readonly file: string};
