import {groupedBy} from '../base/grouped.ts';
import {findPlay} from '../catalog/load-playbook.ts';
import type {PlayNeed} from '../catalog/nouns.ts';
import type {EdgeReason} from '../model/graph.ts';
import type {HostName, TaskId} from '../model/names.ts';
import type {Draft, DraftPlay} from './draft.ts';
import {idOf} from './task-ids.ts';

/**
 * A play without `needs` waits until all before it have ended on every host, through one barrier for each; and
 * each host goes on only where it succeeded itself. With `needs` it waits for what it lists, and for success.
 */
export function connectPlays(draft: Draft): void {
  const ends = endsOf(draft);
  const plays = new PlayConnector(draft, ends);
  for (const play of draft.plays) plays.connect(play);
}

/** Where the tasks of a play begin and end on each host. */
interface Ends {
  readonly first: ReadonlyMap<HostName, readonly TaskId[]>;
  readonly last: ReadonlyMap<HostName, readonly TaskId[]>;
}

function endsOf({plays, edges}: Draft): ReadonlyMap<DraftPlay, Ends> {
  const [hasBefore, hasAfter] = [new Set<TaskId>(), new Set<TaskId>()];
  for (const {from, to, because} of edges) {
    if (because.type !== 'written-order' && because.type !== 'needs') continue;
    hasBefore.add(to);
    hasAfter.add(from);
  }
  return new Map(
    plays.map((play) => {
      const byHost = groupedBy(play.units, ({host}) => host);
      const pick = (without: ReadonlySet<TaskId>) =>
        new Map(
          [...byHost].map(([host, units]) => [
            host,
            units.flatMap(({tasks}) => tasks.flatMap(({id}) => (without.has(id) ? [] : id))),
          ]),
        );
      return [play, {first: pick(hasBefore), last: pick(hasAfter)}];
    }),
  );
}

class PlayConnector {
  readonly #draft: Draft;
  readonly #ends: ReadonlyMap<DraftPlay, Ends>;
  readonly #barriers = new Map<DraftPlay, TaskId>();
  /** Behind which a play without `needs` starts: the last such play, and those with `needs` since. */
  #before: readonly DraftPlay[] = [];
  /** The same for each host's own tasks. */
  readonly #own = new Map<HostName, {readonly play: DraftPlay; readonly last: readonly TaskId[]}[]>();
  readonly #waits = new Map<DraftPlay, readonly TaskId[]>();

  constructor(draft: Draft, ends: ReadonlyMap<DraftPlay, Ends>) {
    this.#draft = draft;
    this.#ends = ends;
  }

  connect(play: DraftPlay): void {
    if (play.play.needs === undefined) this.#behindAll(play);
    else for (const need of play.play.needs) this.#behindNeed(play, need);
    this.#noteOwn(play);
    this.#before = play.play.needs === undefined ? [play] : [...this.#before, play];
  }

  #behindAll(play: DraftPlay): void {
    const {at} = play.play;
    const barriers = this.#before.map((before) => [before, this.#barrierOf(before)] as const);
    this.#waits.set(
      play,
      barriers.map(([, id]) => id),
    );
    for (const [host, first] of this.#endsOf(play).first) {
      for (const [before, from] of barriers) {
        for (const to of first) this.#add(from, to, 'end', {type: 'barrier', play: before.play.id, at});
      }
      for (const own of this.#own.get(host) ?? []) {
        this.#addAll(own.last, first, {type: 'barrier', play: own.play.play.id, at});
      }
    }
  }

  #behindNeed(play: DraftPlay, {name, at, sameHost}: PlayNeed): void {
    const needed = this.#find(name);
    if (!needed) return;
    const because = {type: 'needs', at} as const;
    const {last} = this.#endsOf(needed);
    const all = this.#lastOf(needed);
    for (const [host, first] of this.#endsOf(play).first) {
      this.#addAll(sameHost ? (last.get(host) ?? []) : all, first, because);
    }
  }

  #find(name: string): DraftPlay | undefined {
    const found = findPlay(
      this.#draft.plays.map(({play}) => play),
      name,
    );
    return this.#draft.plays.find(({play}) => play === found);
  }

  /** Of a play without tasks, what it would have waited for itself. */
  #lastOf(play: DraftPlay): readonly TaskId[] {
    const last = [...new Set([...this.#endsOf(play).last.values()].flat())];
    if (last.length > 0) return last;
    const needs = (play.play.needs ?? []).flatMap(({name}) => this.#find(name) ?? []);
    return [...(this.#waits.get(play) ?? []), ...needs.flatMap((need) => this.#lastOf(need))];
  }

  #barrierOf(play: DraftPlay): TaskId {
    const known = this.#barriers.get(play);
    if (known !== undefined) return known;
    const {id: name, at} = play.play;
    const id = idOf(`barrier/${name}`);
    this.#barriers.set(play, id);
    this.#draft.barriers.push({id, play: name, at});
    for (const from of this.#lastOf(play)) this.#add(from, id, 'end', {type: 'barrier', play: name, at});
    return id;
  }

  #noteOwn(play: DraftPlay): void {
    for (const [host, last] of this.#endsOf(play).last) {
      if (last.length === 0) continue;
      const before = play.play.needs === undefined ? [] : (this.#own.get(host) ?? []);
      this.#own.set(host, [...before, {play, last}]);
    }
  }

  #endsOf(play: DraftPlay): Ends {
    const ends = this.#ends.get(play);
    if (!ends) throw new Error(`Internal error: the play ${play.play.id} is not of this draft`);
    return ends;
  }

  #addAll(from: readonly TaskId[], to: readonly TaskId[], because: EdgeReason): void {
    for (const earlier of from) for (const later of to) this.#add(earlier, later, 'success', because);
  }

  #add(from: TaskId, to: TaskId, requires: 'success' | 'end', because: EdgeReason): void {
    if (from !== to) this.#draft.edges.add({from, to, requires, because});
  }
}
