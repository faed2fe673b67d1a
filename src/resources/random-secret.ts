import {Secret} from '../base/secret.ts';
import {secretFile} from '../facts/secret-file.ts';
import {followed} from '../facts/stat.ts';
import {unknown} from '../model/answer.ts';
import {NOTHING} from '../model/change.ts';
import {fact} from '../model/fact.ts';
import {sh} from '../shell/sh.ts';
import {defineResource} from './define.ts';
import {path} from './schemas.ts';
import {firstUnknown} from './seen.ts';

interface RandomSecretSpec {
  readonly path: string;
  readonly bytes: number;
}

const KEY = '/etc/app/session.key';
const FILE = {type: 'file', mode: '0600', owner: 0, group: 0} as const;

export default defineResource<RandomSecretSpec>({
  kind: 'random_secret',
  summary:
    'A file with random bytes as base64, made once on the host. With `delegate_to` one host of a group makes it, and all others are given it.',

  schema: {
    type: 'object',
    required: ['path'],
    additionalProperties: false,
    properties: {
      path: path('Where it is. Only root may read it; its directory must be there.'),
      bytes: {
        description: 'How many bytes it is made of. One that is there stays as it is.',
        type: 'integer',
        minimum: 16,
        maximum: 4096,
        default: 32,
      },
    },
  },

  key: (spec) => `path:${spec.path}`,
  facts: (spec) => [followed(spec.path), secretFile(spec.path)],

  diff({path: at, bytes}, facts) {
    const hidden = firstUnknown(facts, [followed(at)]);
    if (hidden) return hidden;
    if (facts.get(followed(at)).state === 'known') return NOTHING;
    return {
      action: 'create',
      details: [{attribute: 'content', before: undefined, after: '(hidden)'}],
      impact: 'none',
      steps: [
        sh`(umask 077; head -c ${bytes} /dev/urandom | base64 | tr -d '\\n' >${`${at}.new`} && mv -f -- ${`${at}.new`} ${at})`,
      ],
      touches: [`path:${at}`],
      predicts: [],
      proof: 'facts',
    };
  },

  mayTouch: (spec) => [`path:${spec.path}`],

  outputs: {
    schema: {
      type: 'object',
      properties: {content: {description: 'What is in it.', type: 'string', 'x-secret': true}},
    },
    read(spec, facts) {
      const found = facts.get(secretFile(spec.path));
      if (found.state === 'unknown') return found;
      return found.state === 'known' ? {content: found.value} : unknown('it is not made yet');
    },
  },

  /** The host that has it already gives it to the others. */
  suits: (spec, facts) => facts.get(secretFile(spec.path)).state === 'known',

  examples: [
    {
      title: 'makes a secret',
      spec: {path: KEY},
      facts: [],
      action: 'create',
      commands: [
        `(umask 077; head -c 32 /dev/urandom | base64 | tr -d '\\n' >${KEY}.new && mv -f -- ${KEY}.new ${KEY})`,
      ],
    },
    {
      title: 'leaves one alone that is there',
      spec: {path: KEY},
      facts: [fact(followed(KEY), FILE), fact(secretFile(KEY), new Secret('c2VjcmV0'))],
      action: 'none',
      commands: [],
    },
  ],
});
