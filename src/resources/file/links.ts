import type {Script} from '../../base/script.ts';
import {inode} from '../../facts/inode.ts';
import {readlink} from '../../facts/readlink.ts';
import {type Stat, stat} from '../../facts/stat.ts';
import {unknown} from '../../model/answer.ts';
import {type ChangeDetail, NOTHING, type PendingChange, type Verdict} from '../../model/change.ts';
import {type FactQuery, fact, type Subject} from '../../model/fact.ts';
import {sh} from '../../shell/sh.ts';
import {accountsOf, attributeDetails, statWith, type WantedAttributes, wantedOf} from '../attributes.ts';
import {firstUnknown, seen} from '../seen.ts';
import {type FileSpec, type FileState, inTheWay} from './spec.ts';

/** A symbolic link with exactly this text. */
export const symbolicLink: FileState = {
  facts: (spec) => [stat(spec.path), readlink(spec.path), ...accountsOf(spec)],

  diff(spec, facts) {
    const {path, src = ''} = spec;
    const closed = firstUnknown(facts, [stat(path), readlink(path)]);
    if (closed) return closed;
    const found = seen(facts, stat(path));
    if (found && found.type !== 'symlink' && !spec.force) return unknown(inTheWay(found.type, path));
    const wanted = wantedOf(spec, facts, {bits: 0o777, isDirectory: false});
    if ('reason' in wanted) return wanted;
    return linkVerdict(spec, {found, wanted, before: seen(facts, readlink(path)), after: src});
  },

  mayTouch: ({path, force}) => [force ? subjectBelow(path) : `path:${path}`],
};

interface LinkSeen {
  readonly found: Stat | undefined;
  readonly wanted: WantedAttributes;
  readonly before: string | undefined;
  readonly after: string;
}

function linkVerdict(spec: FileSpec, {found, wanted, before, after}: LinkSeen): Verdict {
  const {path, owner = '', group} = spec;
  const link = found?.type === 'symlink' ? found : undefined;
  const named = attributeDetails(link, wanted, spec);
  const details = [...(before === after ? [] : [{attribute: 'src', before, after}]), ...named];
  if (details.length === 0) return NOTHING;
  const made = statWith('symlink', undefined, {...wanted, mode: '0777'});
  const account = `${owner}${group === undefined ? '' : `:${group}`}`;
  return {
    ...change(spec, found, details),
    steps: [
      ...(before === after ? [] : linking(path, found, sh`ln -sfn -- ${after} ${path}`)),
      ...(named.length === 0 ? [] : [sh`chown -h ${account} -- ${path}`]),
    ],
    predicts: [fact(readlink(path), after), ...(made ? [fact(stat(path), made)] : [])],
  };
}

/** Another name for a file that is there. */
export const hardLink: FileState = {
  facts: ({path, src = ''}) => [stat(path), inode(path), inode(src)],

  diff(spec, facts) {
    const {path, src = '', force} = spec;
    const queries: readonly FactQuery[] = [stat(path), inode(path), inode(src)];
    const closed = firstUnknown(facts, queries);
    if (closed) return closed;
    const [found, before, after] = [
      seen(facts, stat(path)),
      seen(facts, inode(path)),
      seen(facts, inode(src)),
    ];
    if (after === undefined) return unknown(`there is nothing at ${src} that could get another name`);
    if (before === after) return NOTHING;
    if (found && !force) return unknown(inTheWay(found.type, path));
    return {
      ...change(spec, found, [{attribute: 'src', before: found && 'another file', after: src}]),
      steps: linking(path, found, sh`ln -f -- ${src} ${path}`),
      predicts: [fact(inode(path), after)],
    };
  },

  mayTouch: ({path}) => [subjectBelow(path)],
};

/** What all changes of links have in common. A directory that is replaced goes with all below it. */
function change(
  {path}: FileSpec,
  found: Stat | undefined,
  details: readonly ChangeDetail[],
): Omit<PendingChange, 'steps' | 'predicts'> {
  const isDirectory = found?.type === 'directory';
  return {
    action: found ? 'update' : 'create',
    details,
    impact: isDirectory ? 'loss' : 'none',
    touches: [isDirectory ? subjectBelow(path) : `path:${path}`],
    proof: 'exit-code',
  };
}

const linking = (path: string, found: Stat | undefined, link: Script): readonly Script[] =>
  found?.type === 'directory' ? [sh`rm -rf -- ${path}`, link] : [link];

const subjectBelow = (path: string): Subject => `tree:${path}`;
