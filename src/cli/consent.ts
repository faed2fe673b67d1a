import type {Plan} from '../model/plan.ts';
import {hasPending} from '../report/plan-counts.ts';
import {commandLineMistake} from './mistakes.ts';
import type {World} from './world.ts';

/** Asks before the first change; where nobody can be asked, that has to be settled before any host is contacted. */
export function consentOf(
  {yes}: {readonly yes?: boolean},
  world: World,
  question = 'Apply these changes?',
): ((plan: Plan) => Promise<boolean>) | undefined {
  if (yes === true) return undefined;
  if (!world.isInteractive) {
    throw commandLineMistake(
      'There is no terminal on which to ask before the first change.',
      'Add --yes to change hosts without a question, or --check to see what would change.',
    );
  }
  return (plan) => ask(plan, question, world);
}

async function ask(plan: Plan, question: string, world: World): Promise<boolean> {
  if (!hasPending(plan)) return true; // Only what a dead run left open is closed.
  const answer = await world.ask(`\n${question} Only "yes" is taken as consent: `);
  return answer?.trim() === 'yes';
}
