import {followed, stat} from '../../facts/stat.ts';
import {ABSENT} from '../../model/answer.ts';
import {NOTHING} from '../../model/change.ts';
import type {FactQuery, Subject} from '../../model/fact.ts';
import {sh} from '../../shell/sh.ts';
import {firstUnknown, seen} from '../seen.ts';
import type {FileState} from './spec.ts';

/** Nothing is there. A directory goes with all that is below it. */
export const absent: FileState = {
  facts: ({path}) => [stat(path)],

  diff({path}, facts) {
    const closed = firstUnknown(facts, [stat(path)]);
    if (closed) return closed;
    const found = seen(facts, stat(path));
    if (found === undefined) return NOTHING;
    const isDirectory = found.type === 'directory';
    const gone: readonly FactQuery[] = [stat(path), followed(path)];
    return {
      action: 'delete',
      details: [{attribute: 'state', before: found.type, after: undefined}],
      impact: isDirectory ? 'loss' : 'none',
      steps: [isDirectory ? sh`rm -rf -- ${path}` : sh`rm -f -- ${path}`],
      touches: [isDirectory ? subjectOf(path) : `path:${path}`],
      predicts: gone.map((query) => ({query, answer: ABSENT})),
      proof: 'exit-code',
    };
  },

  mayTouch: ({path}) => [subjectOf(path)],
};

const subjectOf = (path: string): Subject => `tree:${path}`;
