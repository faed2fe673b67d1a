import {Secret} from '../base/secret.ts';
import {content} from '../facts/content.ts';
import {secretFile} from '../facts/secret-file.ts';
import {followed, stat} from '../facts/stat.ts';
import {unknown} from '../model/answer.ts';
import {NOTHING} from '../model/change.ts';
import {type FactQuery, fact, type Subject} from '../model/fact.ts';
import {sh} from '../shell/sh.ts';
import {defineResource} from './define.ts';
import {configurationText, type Encrypted, partsIn, partsWanted} from './encryption-configuration/text.ts';
import {path} from './schemas.ts';
import {firstUnknown, seen} from './seen.ts';

/** What a user may say about the encryption of what the API server stores. */
export interface EncryptionSpec {
  readonly directory: string;
  readonly keys: readonly string[];
  readonly write: string;
  readonly resources: readonly string[];
  readonly stage: 'readable' | 'final';
}

const DIRECTORY = '/etc/kubernetes/encryption';
const MANIFEST = '/etc/kubernetes/manifests/kube-apiserver.yaml';
const SPEC = {directory: DIRECTORY, keys: ['secretbox-1'], write: 'secretbox-1'};
const FILE = {type: 'file', mode: '0600', owner: 0, group: 0} as const;
const KEY = new Secret('c2VjcmV0LWtleQ==');
const KEYS = new Map([['secretbox-1', KEY]]);
const written = (order: readonly string[]) => [
  fact(secretFile(`${DIRECTORY}/secretbox-1.key`), KEY),
  fact(followed(`${DIRECTORY}/config.yaml`), FILE),
  fact(secretFile(`${DIRECTORY}/config.yaml`), configurationText([{resources: ['secrets'], order}], KEYS)),
];

export default defineResource<EncryptionSpec>({
  kind: 'encryption_configuration',
  summary:
    'With which keys the API server encrypts what it stores, and which it can read: `config.yaml` in a directory of keys. ' +
    'A key goes once the file `written` there tells that all is written with another one.',

  schema: {
    type: 'object',
    required: ['directory', 'keys', 'write'],
    additionalProperties: false,
    properties: {
      directory: path('Where the keys are, each as `NAME.key`, and the configuration.'),
      keys: {
        description: 'The names of all keys that may have been written with: an algorithm, a dash, a number.',
        type: 'array',
        minItems: 1,
        uniqueItems: true,
        items: {type: 'string', pattern: '^(secretbox|aescbc|aesgcm)-[0-9]+$'},
      },
      write: {
        description: 'The key that is written with from now on, or `identity`: nothing is encrypted.',
        type: 'string',
      },
      resources: {
        description: 'What is encrypted.',
        type: 'array',
        minItems: 1,
        items: {type: 'string', pattern: '^[a-z0-9.-]+$'},
        default: ['secrets'],
      },
      stage: {
        description:
          '`readable`: all keys can be read, and what is written with stays as it is. Once that holds on every API server, `final` writes with the wanted one.',
        enum: ['readable', 'final'],
        default: 'final',
      },
    },
  },

  key: ({directory, stage}) => `encryption:${directory}#${stage}`,
  validate: ({keys, write}) =>
    write === 'identity' || keys.includes(write) ? undefined : `"${write}" is none of the keys.`,
  facts: factsOf,

  diff(spec, facts) {
    const hidden = firstUnknown(facts, factsOf(spec));
    if (hidden) return hidden;
    const keys = new Map(
      spec.keys.flatMap((name) => pairOf(name, seen(facts, secretFile(keyAt(spec, name))))),
    );
    const missing = spec.keys.find((name) => !keys.has(name));
    if (missing) return unknown(`the key ${missing} is not on this host yet`);
    const before = seen(facts, secretFile(configAt(spec)));
    const parts = partsIn(before?.reveal() ?? '');
    const loss = lossOf(spec, parts, seen(facts, content(writtenAt(spec)))?.trim() ?? '');
    if (loss) return unknown(loss);
    const wanted = partsWanted(spec, parts, seen(facts, stat(MANIFEST)) !== undefined);
    const text = configurationText(wanted, keys);
    if (before?.reveal() === text.reveal()) return NOTHING;
    return {
      action: before ? 'update' : 'create',
      details: [{attribute: 'keys', before: before && told(parts), after: told(wanted)}],
      impact: 'none',
      steps: [
        sh`rm -f -- ${writtenAt(spec)}`,
        {step: 'write', path: configAt(spec), content: text, mode: '0600', owner: 'root', group: 'root'},
      ],
      touches: touchedBy(spec),
      predicts: [],
      proof: 'facts',
    };
  },

  mayTouch: touchedBy,

  examples: [
    {
      title: 'is final at once where no API server runs yet',
      spec: {...SPEC, stage: 'readable'},
      facts: [fact(secretFile(`${DIRECTORY}/secretbox-1.key`), KEY)],
      action: 'create',
      commands: [`rm -f -- ${DIRECTORY}/written`, `write ${DIRECTORY}/config.yaml 0600 root:root`],
    },
    {
      title: 'writes with a key once all can read it',
      spec: SPEC,
      facts: written(['identity', 'secretbox-1']),
      action: 'update',
      commands: [`rm -f -- ${DIRECTORY}/written`, `write ${DIRECTORY}/config.yaml 0600 root:root`],
    },
    {
      title: 'leaves what is written with as it is while others cannot read it',
      spec: {...SPEC, stage: 'readable'},
      facts: written(['identity', 'secretbox-1']),
      action: 'none',
      commands: [],
    },
    {
      title: 'forgets a key once all is written with another one',
      spec: SPEC,
      facts: [
        ...written(['secretbox-1', 'aescbc-1', 'identity']),
        fact(content(`${DIRECTORY}/written`), 'secretbox-1 secrets\n'),
      ],
      action: 'update',
      commands: [`rm -f -- ${DIRECTORY}/written`, `write ${DIRECTORY}/config.yaml 0600 root:root`],
    },
    {
      title: 'has nothing to do where all is as wanted',
      spec: SPEC,
      facts: written(['secretbox-1', 'identity']),
      action: 'none',
      commands: [],
    },
  ],
});

const configAt = ({directory}: EncryptionSpec): string => `${directory}/config.yaml`;
/** There as long as all is written as the configuration says: the key, and what all is. */
const writtenAt = ({directory}: EncryptionSpec): string => `${directory}/written`;
const keyAt = ({directory}: EncryptionSpec, name: string): string => `${directory}/${name}.key`;
const pairOf = (name: string, key: Secret | undefined): readonly (readonly [string, Secret])[] =>
  key ? [[name, key]] : [];

function touchedBy(spec: EncryptionSpec): readonly Subject[] {
  return [`path:${configAt(spec)}`, `path:${writtenAt(spec)}`];
}

const told = (parts: readonly Encrypted[]): string =>
  parts.map(({order, resources}) => `${order.join(', ')} for ${resources.join(', ')}`).join('; ');

function factsOf(spec: EncryptionSpec): readonly FactQuery[] {
  const paths = [configAt(spec), ...spec.keys.map((name) => keyAt(spec, name))];
  return [...paths.map(secretFile), followed(configAt(spec)), content(writtenAt(spec)), stat(MANIFEST)];
}

/** What nobody could read any more. `written` tells that nothing is written with other keys, or encrypted at all. */
function lossOf(
  {keys, write, resources}: EncryptionSpec,
  parts: readonly Encrypted[],
  written: string,
): string | undefined {
  const isWritten = (key: string, {order, resources: of}: Encrypted): boolean =>
    parts.length === 1 && order[0] === key && written === [key, ...of].join(' ');
  const lost = parts.flatMap((part) =>
    isWritten(write, part)
      ? []
      : part.order
          .filter((name) => name !== 'identity' && !keys.includes(name))
          .map(
            (name) =>
              `what was written with the key ${name} could not be read any more: keep it among the keys`,
          ),
  );
  const bare = parts.flatMap((part) =>
    isWritten('identity', part)
      ? []
      : part.resources
          .filter((name) => !resources.includes(name))
          .map(
            (name) =>
              `encrypted ${name} could not be read any more: write all with identity before they are left out`,
          ),
  );
  return [...lost, ...bare][0];
}
