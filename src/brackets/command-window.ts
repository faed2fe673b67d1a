import {sha256Hex} from '../base/sha256-hex.ts';
import {stat} from '../facts/stat.ts';
import {sh} from '../shell/sh.ts';
import {defineBracket} from './define.ts';

interface CommandWindowSpec {
  readonly open: readonly string[];
  readonly close: readonly string[];
}

const argv = (description: string) => ({
  description,
  type: 'array',
  minItems: 1,
  items: {type: 'string', pattern: '^[^\\u0000]*$'},
});

/** The mark of a window: it lies where a boot removes it, as a boot ends most windows. */
const MARKS = '/run/provision/windows';

export default defineBracket<CommandWindowSpec>({
  kind: 'command_window',
  summary:
    'A command before the first change and one after the last: a silence, a lock, a pool that is left.',

  schema: {
    type: 'object',
    required: ['open', 'close'],
    additionalProperties: false,
    properties: {
      open: argv(
        'Program and arguments that open it; again where a run died. Arguments are no place for secrets.',
      ),
      close: argv('Program and arguments that close it. Must succeed where it is not open.'),
    },
  },

  key: (spec) => `window:${markOf(spec)}`,
  facts: (spec) => [stat(markOf(spec))],
  // The mark comes first and goes last: what may be open is always known.
  open: (spec) => [sh`mkdir -p ${MARKS} && : >${markOf(spec)}`, sh`${spec.open}`],
  close: (spec) => [sh`${spec.close}`, sh`rm -f -- ${markOf(spec)}`],
  leftOpen: (spec, facts) => facts.get(stat(markOf(spec))).state === 'known',

  examples: [
    {
      title: 'takes a host out of a load balancer',
      spec: {open: ['lbctl', 'drain', 'web 1'], close: ['lbctl', 'enable', 'web 1']},
      open: [
        'mkdir -p /run/provision/windows && : >/run/provision/windows/89fd19c83e4536ff',
        "lbctl drain 'web 1'",
      ],
      close: ["lbctl enable 'web 1'", 'rm -f -- /run/provision/windows/89fd19c83e4536ff'],
    },
  ],
});

const markOf = ({open, close}: CommandWindowSpec): string =>
  `${MARKS}/${sha256Hex(JSON.stringify([open, close])).slice(0, 16)}`;
