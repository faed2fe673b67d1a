import type {Script} from '../../base/script.ts';
import {mounts} from '../../facts/mounts.ts';
import {followed, type Stat, stat} from '../../facts/stat.ts';
import {listing} from '../../facts/tree.ts';
import {ABSENT} from '../../model/answer.ts';
import {NOTHING, type PendingChange} from '../../model/change.ts';
import {type Fact, type FactQuery, type Facts, fact, type Subject} from '../../model/fact.ts';
import {lines, sh} from '../../shell/sh.ts';
import {firstUnknown, seen} from '../seen.ts';
import type {FileSpec, FileState} from './spec.ts';

/** Nothing is there. A directory goes with all that is below it. */
export const absent: FileState = {
  facts: factsOf,

  diff(spec, facts) {
    const closed = firstUnknown(facts, factsOf(spec));
    if (closed) return closed;
    const found = seen(facts, stat(spec.path));
    if (found === undefined || isKept(spec, facts)) return NOTHING;
    return found.type === 'directory' ? withoutTree(spec, facts) : without(spec.path, found);
  },

  mayTouch: ({path}) => [subjectOf(path)],
};

const subjectOf = (path: string): Subject => `tree:${path}`;

/** A declaration: the state above is made with it. */
function factsOf({path, unmount}: FileSpec): readonly FactQuery[] {
  return unmount ? [stat(path), listing(path), mounts(path)] : [stat(path)];
}

/** Where something is mounted, an empty place for it is as good as none. */
const isKept = (spec: FileSpec, facts: Facts): boolean =>
  isMounted(spec, facts) && seen(facts, listing(spec.path))?.length === 0;

const isMounted = ({path, unmount}: FileSpec, facts: Facts): boolean =>
  unmount && (seen(facts, mounts(path)) ?? []).includes(path);

const without = (path: string, {type}: Stat): PendingChange => ({
  action: 'delete',
  details: [{attribute: 'state', before: type, after: undefined}],
  impact: 'none',
  steps: [sh`rm -f -- ${path}`],
  touches: [`path:${path}`],
  predicts: goneAt(path),
  proof: 'exit-code',
});

function goneAt(path: string): readonly Fact[] {
  const gone: readonly FactQuery[] = [stat(path), followed(path)];
  return gone.map((query) => ({query, answer: ABSENT}));
}

function withoutTree(spec: FileSpec, facts: Facts): PendingChange {
  const {path, unmount} = spec;
  const isPlace = isMounted(spec, facts);
  const below = unmount ? (seen(facts, mounts(path)) ?? []).filter((each) => each !== path) : [];
  const after = isPlace ? 'empty, for it is mounted' : undefined;
  return {
    action: 'delete',
    details: [
      {attribute: 'state', before: 'directory', after},
      ...below.map((each) => ({attribute: `mount ${each}`, before: 'mounted', after: undefined})),
    ],
    impact: 'loss',
    steps: [unmount ? cleared(path) : sh`rm -rf -- ${path}`],
    touches: [subjectOf(path)],
    predicts: isPlace ? [fact(listing(path), [])] : goneAt(path),
    proof: unmount ? 'facts' : 'exit-code',
  };
}

/**
 * What is mounted below is unmounted in the end, the last first, and nothing is removed that lies on another file
 * system: where an unmount fails, what is mounted there is safe.
 */
const cleared = (path: string): Script => ({
  wire: lines([
    sh`awk -v top=${path} 'index($5, top "/") == 1 { print $5 }' /proc/self/mountinfo |
  sed -n -e '1!G;h;$p' | sed -e 's/\\\\\\([0-7][0-7][0-7]\\)/\\\\0\\1/g' |
  while IFS= read -r place; do umount -- "$(printf '%b' "$place")" || exit; done || exit
find ${path} -xdev -mindepth 1 -delete || exit
awk -v top=${path} '$5 == top { found = 1 } END { exit !found }' /proc/self/mountinfo || rmdir -- ${path}`,
  ]).wire,
  display: sh`unmount all below ${path}, and remove it`.display,
});
