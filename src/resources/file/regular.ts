import {sha256Hex} from '../../base/sha256-hex.ts';
import {digest} from '../../facts/digest.ts';
import {followed, stat} from '../../facts/stat.ts';
import {unknown} from '../../model/answer.ts';
import {NOTHING} from '../../model/change.ts';
import {fact} from '../../model/fact.ts';
import {accountsOf, attributeDetails, attributeSteps, statWith, wantedOf} from '../attributes.ts';
import {firstUnknown, seen} from '../seen.ts';
import type {FileState} from './spec.ts';

const EMPTY = sha256Hex('');

/** A regular file, whatever it holds: an empty one where there is none. */
export const regular: FileState = {
  facts: (spec) => [followed(spec.path), ...accountsOf(spec)],

  diff(spec, facts) {
    const {path} = spec;
    const closed = firstUnknown(facts, [followed(path)]);
    if (closed) return closed;
    const found = seen(facts, followed(path));
    if (found && found.type !== 'file') return unknown(`there is a ${found.type} at ${path}, not a file`);
    const attributes = found ? spec : {owner: 'root', group: 'root', mode: '0644', ...spec};
    const bits = Number.parseInt(found?.mode ?? '0644', 8);
    const wanted = wantedOf(attributes, facts, {bits, isDirectory: false});
    if ('reason' in wanted) return wanted;
    const details = attributeDetails(found, wanted, attributes);
    if (details.length === 0) return NOTHING;
    const after = statWith('file', found, wanted);
    const {owner = 'root', group = 'root'} = attributes;
    return {
      action: found ? 'update' : 'create',
      details,
      impact: 'none',
      steps: found
        ? attributeSteps([path], found, wanted, attributes)
        : [{step: 'write', path, content: '', owner, group, mode: wanted.mode ?? '0644'}],
      touches: [`path:${path}`],
      predicts: [
        ...(after ? [fact(followed(path), after)] : []),
        ...(after && !found ? [fact(stat(path), after), fact(digest(path), EMPTY)] : []),
      ],
      proof: 'exit-code',
    };
  },

  mayTouch: ({path}) => [`path:${path}`],
};
