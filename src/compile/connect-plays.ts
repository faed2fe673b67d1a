import {groupedBy} from '../base/grouped.ts';
import type {PlayNeed} from '../catalog/nouns.ts';
import type {EdgeReason, Requirement} from '../model/graph.ts';
import type {HostName} from '../model/names.ts';
import {type Draft, type DraftPlay, type DraftTask, draftPlayNamed} from './draft.ts';
import type {DraftNode} from './edge-list.ts';
import {idOf} from './task-ids.ts';

/**
 * A play without `needs` waits until all before it have ended on every host, through one barrier for each; and
 * each host goes on only where it succeeded itself. With `needs` it waits for what it lists, and for success.
 */
export function connectPlays(draft: Draft): void {
  const ends = new Map(draft.plays.map((play) => [play, endsOf(play)]));
  const plays = new PlayConnector(draft, ends);
  for (const play of draft.plays) plays.connect(play);
}

/** Where the tasks of a play begin and end on each host. */
interface Ends {
  readonly first: ReadonlyMap<HostName, readonly DraftNode[]>;
  readonly last: ReadonlyMap<HostName, readonly DraftNode[]>;
}

function endsOf(play: DraftPlay): Ends {
  const byHost = groupedBy(play.units, ({host}) => host);
  const pick = (isEnd: (task: DraftTask) => boolean): ReadonlyMap<HostName, readonly DraftNode[]> =>
    new Map([...byHost].map(([host, units]) => [host, units.flatMap(({tasks}) => tasks.filter(isEnd))]));
  return {first: pick(({hasBefore}) => !hasBefore), last: pick(({hasAfter}) => !hasAfter)};
}

class PlayConnector {
  readonly #draft: Draft;
  readonly #ends: ReadonlyMap<DraftPlay, Ends>;
  readonly #barriers = new Map<DraftPlay, DraftNode>();
  /** Behind which a play without `needs` starts: the last such play, and those with `needs` since. */
  #before: readonly DraftPlay[] = [];
  /** The same for each host's own tasks. */
  readonly #own = new Map<HostName, {readonly play: DraftPlay; readonly last: readonly DraftNode[]}[]>();
  readonly #waits = new Map<DraftPlay, readonly DraftNode[]>();

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
      barriers.map(([, barrier]) => barrier),
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
    const needed = draftPlayNamed(this.#draft.plays, name);
    if (!needed) return;
    const because = {type: 'needs', at} as const;
    const {last} = this.#endsOf(needed);
    const all = this.#lastOf(needed);
    for (const [host, first] of this.#endsOf(play).first) {
      this.#addAll(sameHost ? (last.get(host) ?? []) : all, first, because);
    }
  }

  /** Of a play without tasks, what it would have waited for itself. */
  #lastOf(play: DraftPlay): readonly DraftNode[] {
    const last = [...new Set([...this.#endsOf(play).last.values()].flat())];
    if (last.length > 0) return last;
    const needs = (play.play.needs ?? []).flatMap(({name}) => draftPlayNamed(this.#draft.plays, name) ?? []);
    return [...(this.#waits.get(play) ?? []), ...needs.flatMap((need) => this.#lastOf(need))];
  }

  #barrierOf(play: DraftPlay): DraftNode {
    const known = this.#barriers.get(play);
    if (known !== undefined) return known;
    const {id, at} = play.play;
    const barrier = {id: idOf(`barrier/${id}`), play, into: [], place: 0};
    this.#barriers.set(play, barrier);
    this.#draft.barriers.push(barrier);
    for (const from of this.#lastOf(play)) this.#add(from, barrier, 'end', {type: 'barrier', play: id, at});
    return barrier;
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

  #addAll(from: readonly DraftNode[], to: readonly DraftNode[], because: EdgeReason): void {
    for (const earlier of from) for (const later of to) this.#add(earlier, later, 'success', because);
  }

  #add(from: DraftNode, to: DraftNode, requires: Requirement, because: EdgeReason): void {
    if (from !== to) this.#draft.edges.add(to, {from, requires, because});
  }
}
