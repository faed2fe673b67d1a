import {randomBytes} from 'node:crypto';
import type {BracketDefinition} from '../brackets/define.ts';
import type {SourceRange} from '../diagnostics/source.ts';
import type {Bracket} from '../model/bracket.ts';
import type {Late, Resolved, Staged} from '../model/graph.ts';
import type {JsonSchema, Resource} from '../model/resource.ts';
import {ifKnown, UNSEEN} from '../model/unseen-profile.ts';
import type {ResourceDefinition} from '../resources/define.ts';
import {checkValue} from '../yaml/schema.ts';
import {checkedTree, readsOfSpec, resolveSpec, type Spec, stageOfSpec} from './spec.ts';

/** The resource that a spec describes, once all of the spec is known. */
export function bindResource(spec: Spec, definition: ResourceDefinition, at: SourceRange): Staged<Resource> {
  const checked = checkedSpec(spec, definition.schema, at);
  // A type mostly asks the same of every host: bound once, it serves a thousand of them.
  let shared: {readonly bound: Resolved<Resource> | undefined} | undefined;
  const bind = (late: Late): Resolved<Resource> => {
    const value = checked(late);
    if (!value.ok) return value;
    const bound = definition.bind(value.value, late.profile);
    return typeof bound === 'string' ? {ok: false, problem: bound, at} : {ok: true, value: bound};
  };
  const resolve = (late: Late): Resolved<Resource> => {
    if (spec.leaves.length > 0) return bind(late);
    shared ??= {bound: ifKnown(() => bind({...late, profile: UNSEEN}))};
    return shared.bound ?? bind(late);
  };
  return {stage: stageOfSpec(spec), reads: readsOfSpec(spec), resolve};
}

/** The bracket that a spec describes. Its outputs are made when it is resolved. */
export function bindBracket(spec: Spec, definition: BracketDefinition, at: SourceRange): Staged<Bracket> {
  const checked = checkedSpec(spec, definition.schema, at);
  const resolve = (late: Late): Resolved<Bracket> => {
    const value = checked(late);
    return value.ok ? {ok: true, value: definition.bind(value.value, randomBytes)} : value;
  };
  return {stage: stageOfSpec(spec), reads: readsOfSpec(spec), resolve};
}

/** With defaults; what is static is checked once, and was seen to be right. */
function checkedSpec(spec: Spec, schema: JsonSchema, at: SourceRange): (late: Late) => Resolved<unknown> {
  if (spec.leaves.length === 0) {
    return () => ({ok: true, value: checkedTree(spec, schema).value});
  }
  return (late) => {
    const resolved = resolveSpec(spec, late);
    if (!resolved.ok) return resolved;
    const {problems, value} = checkValue(resolved.value, schema);
    const [first] = problems;
    return first ? {ok: false, problem: first.message, at} : {ok: true, value};
  };
}
