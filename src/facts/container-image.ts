import {groupedBy} from '../base/grouped.ts';
import {ABSENT, type Answer, known, unknown} from '../model/answer.ts';
import type {FactKind, FactQuery} from '../model/fact.ts';
import {lines, sh} from '../shell/sh.ts';
import {recordsOf} from './records.ts';

/** An image as containerd has it. */
export interface ContainerImage {
  /** Of its manifest or index: `sha256:…`. */
  readonly digest: string;
  /** SHA-256 of the archive from which it was imported, where its label says so. */
  readonly archive?: string;
}

/** How containerd is asked, and in which of its namespaces. */
export interface ImageStore {
  /** The program `ctr`. */
  readonly ctr: string;
  /** containerd's socket. */
  readonly address: string;
  readonly namespace: string;
}

/** The label that tells from which archive an image is: one that was removed or replaced has none, or another. */
export const ARCHIVE_LABEL = 'provision.archive';

export const USUAL_STORE: ImageStore = {
  ctr: '/usr/local/bin/ctr',
  address: '/run/containerd/containerd.sock',
  namespace: 'k8s.io',
};

interface Asked {
  readonly key: string;
  readonly store: readonly [string, string, string];
  readonly name: string;
}

const kind: FactKind<ContainerImage> = {
  name: 'container_image',
  summary:
    'An image that a running containerd has: `digest`, and `archive`, from which it was imported. Absent where no containerd ' +
    'runs. Key: its name, or JSON of `ctr`, `address`, `namespace` and `name`.',
  // One list for each store, however many images are asked about.
  program: (keys) => sh`images() {
  if [ ! -x "$1" ] || [ ! -S "$2" ]; then printf '='
  elif found=$("$1" --address "$2" --connect-timeout 5s --namespace "$3" images list 2>/dev/null); then printf '=%s' "$found"
  elif [ "$(id -u)" = 0 ]; then printf '='
  else printf hidden
  fi
  printf '\\0'
}
${lines(groupsOf(keys).map(({store}) => sh`images ${store}`))}`,
  parse(output, keys) {
    const records = recordsOf(output);
    const found = groupsOf(keys).flatMap(({asked}, index) =>
      asked.map(({key, name}): [string, Answer<ContainerImage>] => [
        key,
        answerOf(name, records[index] ?? ''),
      ]),
    );
    const answers = new Map(found);
    return keys.map((key) => answers.get(key) ?? unknown('no answer'));
  },
};

function groupsOf(
  keys: readonly string[],
): readonly {readonly store: Asked['store']; readonly asked: readonly Asked[]}[] {
  const groups = groupedBy(keys.map(askedBy), ({store}) => store.join('\0'));
  return [...groups.values()].flatMap((asked) => (asked[0] ? [{store: asked[0].store, asked}] : []));
}

function answerOf(name: string, record: string): Answer<ContainerImage> {
  if (!record.startsWith('=')) return unknown(record === 'hidden' ? 'no permission' : 'no answer');
  const line = record
    .slice(1)
    .split('\n')
    .find((each) => each.startsWith(`${name} `));
  const words = line?.trim().split(/\s+/) ?? [];
  const digest = words[2];
  if (digest === undefined) return ABSENT;
  const archive = new RegExp(`(?:^|,)${ARCHIVE_LABEL}=([0-9a-f]{64})(?:,|$)`).exec(words.at(-1) ?? '')?.[1];
  return known({digest, ...(archive === undefined ? {} : {archive})});
}

/** `containerImage` made the key, or a user did, who may leave out all but the name. */
function askedBy(key: string): Asked {
  const said: Partial<Record<'ctr' | 'address' | 'namespace' | 'name', unknown>> = key.startsWith('{')
    ? JSON.parse(key)
    : {name: key};
  const {ctr, address, namespace, name} = {...USUAL_STORE, name: '', ...said};
  return {key, store: [String(ctr), String(address), String(namespace)], name: String(name)};
}

/** Whether containerd has an image of this name, and which. */
export function containerImage(name: string, store: ImageStore = USUAL_STORE): FactQuery<ContainerImage> {
  const {ctr, address, namespace} = store;
  return containerImageOf(JSON.stringify({ctr, address, namespace, name}));
}

/** As `containerImage`, by the key as a user writes it. */
export function containerImageOf(key: string): FactQuery<ContainerImage> {
  const {store, name} = askedBy(key);
  return {kind, key, subject: `container_image:${store[2]}/${name}`};
}
