import {Secret} from '../../base/secret.ts';
import type {EncryptionSpec} from '../encryption-configuration.ts';

/** What is encrypted, and with what: the first is written with, all are tried for reading. */
export interface Encrypted {
  readonly resources: readonly string[];
  readonly order: readonly string[];
}

/** Told apart by lines that hold no secret. */
export function configurationText(parts: readonly Encrypted[], keys: ReadonlyMap<string, Secret>): Secret {
  const lines = [
    '# Written by provision: role control_plane.',
    ...parts.map(({resources, order}) => `${PART}${order.join(' ')}${OF}${resources.join(' ')}`),
    'apiVersion: apiserver.config.k8s.io/v1',
    'kind: EncryptionConfiguration',
    'resources:',
    ...parts.flatMap(({resources, order}) => [
      `  - resources: ${JSON.stringify(resources)}`,
      '    providers:',
      ...order.map((name) => `      - ${providerOf(name, keys.get(name))}`),
    ]),
  ];
  return new Secret(`${lines.join('\n')}\n`);
}

const [PART, OF] = ['# order: ', ' of '];

const providerOf = (name: string, key: Secret | undefined): string =>
  key === undefined
    ? 'identity: {}'
    : `${name.replace(/-\d+$/, '')}: {keys: [{name: ${name}, secret: ${JSON.stringify(key.reveal())}}]}`;

/** What a configuration says; nothing where somebody else wrote it. */
export const partsIn = (text: string): readonly Encrypted[] =>
  text
    .split('\n')
    .filter((line) => line.startsWith(PART))
    .map((line) => {
      const [order = '', resources = ''] = line.slice(PART.length).split(OF);
      return {order: order.split(' '), resources: resources.split(' ')};
    });

/** `runs`: there is an API server on the host already, and so there may be others that cannot read a new key yet. */
export function partsWanted(
  {keys, write, resources, stage}: Pick<EncryptionSpec, 'keys' | 'write' | 'resources' | 'stage'>,
  before: readonly Encrypted[],
  runs: boolean,
): readonly Encrypted[] {
  const final = [
    write,
    ...keys.filter((name) => name !== write),
    ...(write === 'identity' ? [] : ['identity']),
  ];
  if (stage === 'final' || (before.length === 0 && !runs)) return [{resources, order: final}];
  const all = ['identity', ...keys];
  const kept = before.map((part) => readableBy(part, all, resources));
  const added = resources.filter((name) => !before.some((part) => part.resources.includes(name)));
  return [...kept, {resources: added, order: all}].filter((part) => part.resources.length > 0);
}

/** What is written with stays as it is. Names that are gone were found to be no loss. */
const readableBy = (part: Encrypted, all: readonly string[], resources: readonly string[]): Encrypted => ({
  resources: part.resources.filter((name) => resources.includes(name)),
  order: [
    ...part.order.filter((name) => all.includes(name)),
    ...all.filter((name) => !part.order.includes(name)),
  ],
});
