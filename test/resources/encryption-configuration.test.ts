import {describe, expect, test} from 'vitest';
import {Secret} from '../../src/base/secret.ts';
import {content} from '../../src/facts/content.ts';
import {secretFile} from '../../src/facts/secret-file.ts';
import {isPending, type Verdict} from '../../src/model/change.ts';
import {fact} from '../../src/model/fact.ts';
import {configurationText, partsIn, partsWanted} from '../../src/resources/encryption-configuration/text.ts';
import {bound, contextOf, givenFacts} from '../support/resources.ts';

const [OLD, NEW] = [new Secret('b2xkLWtleQ=='), new Secret('bmV3LWtleQ==')];
const KEYS = new Map([
  ['secretbox-1', OLD],
  ['aesgcm-2', NEW],
]);
const DIRECTORY = '/etc/kubernetes/encryption';

type Parts = Parameters<typeof configurationText>[0];

/** Of secrets alone. */
const ordered = (...order: readonly string[]): Parts => [{resources: ['secrets'], order}];

/** On a host with both keys, where this is configured, and that is known to be written. */
function decide(spec: object, parts: Parts, written?: string): Verdict {
  const resource = bound('encryption_configuration', {directory: DIRECTORY, stage: 'readable', ...spec});
  const facts = givenFacts(resource.facts, [
    ...[...KEYS].map(([name, key]) => fact(secretFile(`${DIRECTORY}/${name}.key`), key)),
    fact(secretFile(`${DIRECTORY}/config.yaml`), configurationText(parts, KEYS)),
    ...(written === undefined ? [] : [fact(content(`${DIRECTORY}/written`), `${written}\n`)]),
  ]);
  return resource.diff(facts, contextOf());
}

/** What a change says of itself. */
function changeOf(verdict: Verdict): object {
  if (!isPending(verdict)) throw new Error('nothing to do');
  return verdict.details;
}

test.each([
  ['readable', [], false, ['aesgcm-2', 'secretbox-1', 'identity']],
  ['readable', [], true, ['identity', 'aesgcm-2', 'secretbox-1']],
  ['readable', ordered('secretbox-1', 'identity'), true, ['secretbox-1', 'identity', 'aesgcm-2']],
  ['final', ordered('secretbox-1', 'identity', 'aesgcm-2'), true, ['aesgcm-2', 'secretbox-1', 'identity']],
] as const)('the order of keys that is %s, from %j', (stage, before, runs, wanted) => {
  const spec = {keys: ['aesgcm-2', 'secretbox-1'], write: 'aesgcm-2', resources: ['secrets'], stage};
  expect(partsWanted(spec, before, runs)).toEqual(ordered(...wanted));
});

test('with identity nothing is encrypted, and all that was can be read', () => {
  const spec = {keys: ['secretbox-1'], write: 'identity', resources: ['secrets'], stage: 'final'} as const;
  expect(partsWanted(spec, ordered('secretbox-1', 'identity'), true)).toEqual(
    ordered('identity', 'secretbox-1'),
  );
});

test('what else is to be encrypted is not yet while others could not read it', () => {
  const spec = {keys: ['secretbox-1'], write: 'secretbox-1', resources: ['secrets', 'configmaps']} as const;
  const before = ordered('secretbox-1', 'identity');
  const between = [...before, {resources: ['configmaps'], order: ['identity', 'secretbox-1']}];
  expect(partsWanted({...spec, stage: 'readable'}, before, true)).toEqual(between);
  expect(partsWanted({...spec, stage: 'final'}, between, true)).toEqual([
    {resources: ['secrets', 'configmaps'], order: ['secretbox-1', 'identity']},
  ]);
});

test('a new key is read everywhere before anything is written with it', () => {
  const spec = {keys: ['aesgcm-2', 'secretbox-1'], write: 'aesgcm-2'};
  expect(changeOf(decide(spec, ordered('secretbox-1', 'identity'), 'secretbox-1 secrets'))).toEqual([
    {
      attribute: 'keys',
      before: 'secretbox-1, identity for secrets',
      after: 'secretbox-1, identity, aesgcm-2 for secrets',
    },
  ]);
});

describe('a key that is left out', () => {
  const spec = {keys: ['aesgcm-2'], write: 'aesgcm-2'};
  const order = ordered('aesgcm-2', 'secretbox-1', 'identity');

  test('goes where all is written with another one', () => {
    expect(changeOf(decide(spec, order, 'aesgcm-2 secrets'))).toMatchObject([
      {after: 'aesgcm-2, identity for secrets'},
    ]);
  });

  test.each([
    ['nothing tells that', order, undefined],
    [
      'less is',
      [{resources: ['secrets', 'configmaps'], order: [...(order[0]?.order ?? [])]}],
      'aesgcm-2 secrets',
    ],
    ['it is written with', ordered('secretbox-1', 'identity', 'aesgcm-2'), 'secretbox-1 secrets'],
    ['it was written with', order, 'secretbox-1 secrets'],
  ])('is kept where %s', (_, parts, written) => {
    expect(decide({...spec, resources: parts[0]?.resources}, parts, written)).toMatchObject({
      state: 'unknown',
      reason: expect.stringContaining('secretbox-1'),
    });
  });
});

test.each([
  ['identity', 'identity secrets configmaps', 'update'],
  ['identity', undefined, undefined],
  ['secretbox-1', 'secretbox-1 secrets configmaps', undefined],
])('what is no longer encrypted was written without, with %s first and %s', (first, written, action) => {
  const keys = ['secretbox-1'];
  const order = first === 'identity' ? ['identity', ...keys] : [...keys, 'identity'];
  const parts = [{resources: ['secrets', 'configmaps'], order}];
  const verdict = decide({keys, write: first, stage: 'final', resources: ['secrets']}, parts, written);
  expect(isPending(verdict) ? verdict.action : undefined).toBe(action);
});

test('the configuration is what the API server reads', () => {
  const parts = [
    {resources: ['secrets', 'configmaps'], order: ['secretbox-1', 'identity']},
    {resources: ['events'], order: ['identity', 'secretbox-1']},
  ];
  const text = configurationText(parts, KEYS).reveal();
  expect(partsIn(text)).toEqual(parts);
  expect(text).toBe(
    `# Written by provision: role control_plane.
# order: secretbox-1 identity of secrets configmaps
# order: identity secretbox-1 of events
apiVersion: apiserver.config.k8s.io/v1
kind: EncryptionConfiguration
resources:
  - resources: ["secrets","configmaps"]
    providers:
      - secretbox: {keys: [{name: secretbox-1, secret: "b2xkLWtleQ=="}]}
      - identity: {}
  - resources: ["events"]
    providers:
      - identity: {}
      - secretbox: {keys: [{name: secretbox-1, secret: "b2xkLWtleQ=="}]}
`,
  );
});
