import {posix} from 'node:path';
import {FactStore} from '../../src/facts/fact-store.ts';
import {followed} from '../../src/facts/stat.ts';
import {ABSENT} from '../../src/model/answer.ts';
import {type Fact, type FactQuery, type Facts, fact, idOf} from '../../src/model/fact.ts';
import type {HostProfile} from '../../src/model/profile.ts';
import type {DiffContext, JsonSchema, Resource} from '../../src/model/resource.ts';
import {RESOURCES} from '../../src/resources/registry.ts';
import {DIRECTORY, PROFILE} from '../../src/role-tests/bare-host.ts';
import {validate} from '../../src/yaml/validate.ts';

/** What is wrong with a spec by the schema of its type, and the spec with its defaults. */
export function checked(
  definition: {readonly schema: JsonSchema},
  spec: object,
): {spec: unknown; problems: readonly string[]} {
  const {value, errors, misplaced} = validate(spec, definition.schema);
  const wrong = errors.map(({instancePath, message}) => `${instancePath} ${message}`);
  return {spec: value, problems: [...wrong, ...misplaced.map((path) => `a secret at ${path.join('.')}`)]};
}

/** A resource as the engine gets it; throws where the spec is not accepted. */
export function bound(kind: string, spec: object, profile: Partial<HostProfile> = {}): Resource {
  const definition = RESOURCES.get(kind);
  if (!definition) throw new Error(`no type is named ${kind}`);
  const {spec: filled, problems} = checked(definition, spec);
  if (problems.length > 0) throw new Error(problems.join('\n'));
  const resource = definition.bind(filled, {...PROFILE, ...profile});
  if (typeof resource === 'string') throw new Error(resource);
  return resource;
}

/** A host like all others, and who else is in its play. */
export const contextOf = (
  profile: Partial<HostProfile> = {},
  peers: DiffContext['peers'] = new Map(),
): DiffContext => ({profile: {...PROFILE, ...profile}, peers});

/** The given answers; every other question that was asked is answered with absent. None else may be read. */
export function givenFacts(asked: readonly FactQuery[], given: readonly Fact[]): Facts {
  const ids = new Set(asked.map(idOf));
  return new FactStore([
    ...asked.map((query) => ({query, answer: ABSENT})),
    ...given.filter(({query}) => ids.has(idOf(query))),
  ]);
}

/** A host that has directories for all that is asked about, and nothing in them. */
export function emptyHost(asked: readonly FactQuery[]): Facts {
  const paths = asked.filter(({kind}) => kind === followed('').kind).map(({key}) => key);
  const folders = paths.filter((path) =>
    paths.some((other) => posix.dirname(other) === path && other !== path),
  );
  return givenFacts(
    asked,
    folders.map((path) => fact(followed(path), DIRECTORY)),
  );
}
