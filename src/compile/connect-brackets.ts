import {didYouMean} from '../base/nearest.ts';
import {tasksNamed} from './connect-needs.ts';
import {producerOf, reportMissing} from './connect-outputs.ts';
import {
  type Draft,
  type DraftBracket,
  type DraftPlay,
  type DraftTask,
  draftPlayNamed,
  type Unit,
} from './draft.ts';

/**
 * Which tasks a bracket is around. They wait for what the bracket reads; and what the bracket gives may be read
 * by them alone. A bracket with nothing inside is not there.
 */
export function connectBrackets(draft: Draft): void {
  for (const bracket of draft.brackets) {
    bracket.around = [...new Set(tasksInside(bracket, draft))];
    connectReads(bracket, draft);
  }
  draft.brackets = draft.brackets.filter(({around}) => around.length > 0);
  reportOutsiders(draft);
}

function tasksInside(bracket: DraftBracket, draft: Draft): readonly DraftTask[] {
  const {template, unit, host} = bracket;
  const isHere = (each: Unit): boolean => template.runOnce || each.host === host;
  const units = playsAround(bracket, draft).flatMap((play) => play.units.filter(isHere));
  if (!unit) return units.flatMap(({tasks}) => tasks);
  return tasksOfRole(
    bracket,
    units.filter(({role, entrypoint}) => role === unit.role && entrypoint === unit.entrypoint),
    draft,
  );
}

/** Its own play; one of a play may name others that stand before it. */
function playsAround({play, unit, template}: DraftBracket, {plays}: Draft): readonly DraftPlay[] {
  const names = unit ? [] : (template.around ?? []);
  const named = names.map(({name}) => draftPlayNamed(plays, name));
  return plays.filter((each) => each === play || named.includes(each));
}

function tasksOfRole(bracket: DraftBracket, units: readonly Unit[], draft: Draft): readonly DraftTask[] {
  const {template} = bracket;
  if (!template.around) reportMissingAround(bracket, draft);
  return (template.around ?? []).flatMap((name) =>
    units.flatMap((each) => {
      const found = tasksNamed(name.name, each);
      if (!found) reportUnknown(bracket, name, each, draft);
      return found ?? [];
    }),
  );
}

function reportMissingAround({template}: DraftBracket, {world}: Draft): void {
  world.reportOnce('E403', `around ${template.at.source.file} ${template.at.from}`, {
    range: template.at,
    detail: `"${template.id}" is a bracket, and does not say around which tasks.`,
    hint: 'Add "around: [TASK]"; it exists while one of these changes.',
  });
}

function reportUnknown(
  {template}: DraftBracket,
  {name, at}: {readonly name: string; readonly at: DraftBracket['template']['at']},
  unit: Unit,
  {world}: Draft,
): void {
  const hint = didYouMean(
    name,
    unit.entrypoint.tasks.map(({id}) => id),
  );
  world.reportOnce('E503', `around ${at.source.file} ${at.from}`, {
    range: at,
    detail: `"${template.id}" is around "${name}", and there is no such task in "${unit.role.name}".`,
    ...(hint && {hint}),
  });
}

function connectReads(bracket: DraftBracket, draft: Draft): void {
  for (const {leaf} of bracket.rendered?.spec.leaves ?? []) {
    for (const from of leaf.value.reads) {
      const producer = producerOf(from, draft);
      if (producer.isRuledOut) reportMissing(from, leaf.at, bracket, draft);
      const because = {type: 'bracket', bracket: bracket.id, at: leaf.at} as const;
      for (const task of bracket.around)
        draft.edges.add(task, {from: producer, requires: 'success', because});
    }
  }
}

function reportOutsiders({tasks, brackets, world}: Draft): void {
  const inside = new Map(brackets.map(({id, around}) => [id, new Set(around)]));
  for (const task of tasks) {
    for (const {leaf} of task.rendered?.spec.leaves ?? []) {
      const {bracket} = leaf.type;
      if (bracket === undefined || inside.get(bracket)?.has(task)) continue;
      world.reportOnce('E503', `outside ${leaf.at.source.file} ${leaf.at.from}`, {
        range: leaf.at,
        detail: `"${leaf.text}" is there only inside of ${bracket}, and that is not around ${task.id}.`,
        hint: `Add "${task.template.id}" to its \`around\`.`,
      });
    }
  }
}
