import artifact from './artifact.ts';
import command from './command.ts';
import copy from './copy.ts';
import type {ResourceDefinition} from './define.ts';
import file from './file.ts';
import template from './template.ts';

/** Every resource type, by its kind, in the order of the alphabet. */
export const RESOURCES: ReadonlyMap<string, ResourceDefinition> = new Map(
  [
    artifact,
    command,
    copy,
    file,
    template,
  ].map((type) => [type.kind, type]),
);
