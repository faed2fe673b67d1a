import {unreachable} from '../base/unreachable.ts';
import type {EdgeReason} from '../model/graph.ts';

/** Why one waits for the other, in a few words. */
export function wordsFor(because: EdgeReason): string {
  switch (because.type) {
    case 'written-order':
      return 'it is written behind it';
    case 'needs':
      return 'it says so in `needs`';
    case 'barrier':
      return `the play "${because.play}" comes first`;
    case 'bracket':
      return `the bracket ${because.bracket} reads an output of it`;
    case 'output':
      return because.output === 'outputs'
        ? 'it reads an output of it'
        : `it reads its output "${because.output}"`;
    default:
      return unreachable(because);
  }
}
