import type {Secret} from '../base/secret.ts';
import type {SourceRange} from '../diagnostics/source.ts';

/** What a YAML file says, with the place of every key and value. Anchors and merges are resolved. */
export type YamlNode = YamlScalar | YamlList | YamlMap;

export interface YamlScalar {
  readonly type: 'scalar';
  readonly range: SourceRange;
  readonly value: string | number | boolean | null | Secret;
}

export interface YamlList {
  readonly type: 'list';
  readonly range: SourceRange;
  readonly items: readonly YamlNode[];
}

export interface YamlMap {
  readonly type: 'map';
  readonly range: SourceRange;
  readonly entries: ReadonlyMap<string, YamlEntry>;
}

export interface YamlEntry {
  readonly key: SourceRange;
  readonly value: YamlNode;
}
