import type {Script} from '../../base/script.ts';
import {stampPath} from '../../facts/unit-start.ts';
import {sh} from '../../shell/sh.ts';

/** What can be done about a unit, in the order in which it is done. */
export const ORDER = [
  'unmask',
  'daemon-reload',
  'enable',
  'disable',
  'stop',
  'mask',
  'start',
  'restart',
  'reload',
] as const;
export type Move = (typeof ORDER)[number];

interface Moving {
  readonly name: string;
  /** The files whose digests the stamp keeps. */
  readonly watched: readonly string[];
  readonly moves: readonly Move[];
  readonly found: {readonly isDefined: boolean; readonly isUp: boolean; readonly active: string};
}

/** The steps of a change. The stamp is begun before the unit starts, so that a file written since is noticed. */
export function stepsOf({name, watched, moves, found}: Moving): readonly Script[] {
  const willBeUp = moves.some((move) => STARTING.has(move)) || (found.isUp && !moves.includes('stop'));
  return [
    ...(moves.includes('unmask') ? [sh`systemctl unmask -- ${name}`] : []),
    ...readAgain(name, moves, found.isDefined),
    ...moves.filter((move) => BEFORE.has(move)).map((move) => sh`systemctl ${move} -- ${name}`),
    ...(willBeUp ? [note(name, watched)] : []),
    ...(moves.includes('stop') ? [sh`rm -f -- ${stampPath(name)}`] : []),
    // A unit that failed too often refuses to start until that is forgotten.
    ...(moves.includes('start') && found.active === 'failed' ? [sh`systemctl reset-failed -- ${name}`] : []),
    ...moves.filter((move) => STARTING.has(move)).map((move) => sh`systemctl ${move} -- ${name}`),
    ...(willBeUp ? [sign(name)] : []),
  ];
}

const BEFORE: ReadonlySet<Move> = new Set(['enable', 'disable', 'stop', 'mask']);
const STARTING: ReadonlySet<Move> = new Set(['start', 'restart', 'reload']);

/** A file of the unit may have been written since the host was asked, so the host is asked again. */
function readAgain(name: string, moves: readonly Move[], isDefined: boolean): readonly Script[] {
  const readsIt = moves.some((move) => STARTING.has(move) || move === 'enable');
  if (moves.includes('daemon-reload') || (readsIt && !isDefined)) return [sh`systemctl daemon-reload`];
  if (!readsIt) return [];
  return [
    sh`[ "$(systemctl show --property=NeedDaemonReload --value -- ${name})" = no ] || systemctl daemon-reload`,
  ];
}

/** Begins the stamp with the digests of now, and no InvocationID: it says nothing until it is signed. */
const note = (name: string, watched: readonly string[]): Script =>
  sh`mkdir -p /run/provision/units && { echo -; for path in ${watched}; do
  if [ -f "$path" ]; then digest=$(sha256sum <"$path"); else digest=absent; fi
  printf '%s %s\\n' "\${digest%% *}" "$path"
done; } >${stampPath(name)}`;

/** Names the start that the digests belong to. */
const sign = (name: string): Script =>
  sh`sed -i "1s/.*/$(systemctl show --property=InvocationID --value -- ${name})/" ${stampPath(name)}`;
