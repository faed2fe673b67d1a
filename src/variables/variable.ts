import type {SourceRange} from '../diagnostics/source.ts';
import type {YamlNode} from '../yaml/node.ts';

/** A value as it was written, and the place that set it. */
export interface Variable {
  readonly name: string;
  readonly node: YamlNode;
  readonly setBy: VariableScope;
  /** Whose it is, for people: "group etcd", "host cp1", "-e". */
  readonly by: string;
  readonly at: SourceRange;
}

/** Weakest first. Five, on purpose. */
export const VARIABLE_SCOPES = ['role-defaults', 'group', 'host', 'playbook', 'command-line'] as const;
export type VariableScope = (typeof VARIABLE_SCOPES)[number];
