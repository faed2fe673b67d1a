import {didYouMean} from '../base/nearest.ts';
import {visible, visibleLine} from '../base/visible.ts';
import {FACT_KINDS} from '../facts/registry.ts';
import type {Fact, FactQuery} from '../model/fact.ts';
import type {HostProfile} from '../model/profile.ts';
import {reach} from '../observe/connect.ts';
import type {Palette} from '../report/palette.ts';
import type {ConnectionFlags, ProjectFlags} from './flags.ts';
import {hostsOf} from './hosts.ts';
import {maskedJson} from './masked.ts';
import {commandLineMistake} from './mistakes.ts';
import {type HostAnswer, onHosts, reachedAll, silence, userOf} from './on-hosts.ts';
import {paletteOf} from './reporting.ts';
import {transportFor} from './run-graph.ts';
import type {World} from './world.ts';

export type FactsFlags = ProjectFlags &
  ConnectionFlags & {
    readonly kind?: string;
    readonly key: readonly string[];
    readonly format: 'text' | 'json';
  };

interface HostFacts {
  readonly profile: HostProfile;
  readonly facts: readonly Fact[];
}

/** `provision facts [PATTERN]`: the profile of each host, and the facts that were asked for. */
export async function facts(pattern: string, flags: FactsFlags, world: World): Promise<number> {
  const queries = queriesOf(flags);
  const hosts = await hostsOf(pattern, flags, world);
  const answers = await onHosts(
    {hosts, transport: transportFor(flags, world), forks: flags.forks},
    async (session, host): Promise<HostFacts> => {
      const user = userOf(host);
      const known = await reach(host, {connect: async () => session}, new Map([[user, queries]]));
      const store = known.facts(user);
      return {profile: known.profile, facts: queries.map((query) => ({query, answer: store.get(query)}))};
    },
    () => {},
  );
  world.out.write(flags.format === 'json' ? asJson(answers) : asText(answers, paletteOf(world.out, world)));
  return reachedAll(answers);
}

function queriesOf({kind, key: keys}: FactsFlags): readonly FactQuery[] {
  if (kind === undefined && keys.length === 0) return [];
  const make = FACT_KINDS.get(kind ?? '');
  if (!make) {
    const known = [...FACT_KINDS.keys()];
    const hint = didYouMean(kind ?? '', known) ?? `There are: ${known.join(', ')}.`;
    throw commandLineMistake(`"${kind ?? ''}" is not a kind of fact.`, hint);
  }
  if (keys.length === 0) throw commandLineMistake(`Facts of the kind ${kind} need a --key.`);
  return keys.map(make);
}

function asJson(answers: readonly HostAnswer<HostFacts>[]): string {
  const hosts = answers.map((answer) =>
    answer.ok
      ? [answer.host.name, {profile: answer.value.profile, facts: answer.value.facts.map(factJson)}]
      : [answer.host.name, {error: answer.error.reason, because: answer.error.message}],
  );
  return `${maskedJson(Object.fromEntries(hosts), 2)}\n`;
}

const factJson = ({query, answer}: Fact): object => ({kind: query.kind.name, key: query.key, ...answer});

function asText(answers: readonly HostAnswer<HostFacts>[], palette: Palette): string {
  return answers
    .map((answer) => {
      const name = palette.strong(answer.host.name);
      if (!answer.ok) return `${name}: ${silence(answer.error, palette)}`;
      const {profile, facts: found} = answer.value;
      const lines = [
        ...Object.entries(profile).map(([key, value]) => `${key}: ${plain(value)}`),
        ...found.map(factLine),
      ];
      return `${name}\n${lines.map((line) => `  ${line}\n`).join('')}`;
    })
    .join('\n');
}

const plain = (value: unknown): string => visible(typeof value === 'string' ? value : maskedJson(value));

function factLine({query, answer}: Fact): string {
  const name = `${query.kind.name} ${visibleLine(query.key)}`;
  switch (answer.state) {
    case 'known':
      return `${name}: ${plain(answer.value)}`;
    case 'absent':
      return `${name}: absent`;
    case 'unknown':
      return `${name}: unknown, ${visibleLine(answer.reason)}`;
  }
}
