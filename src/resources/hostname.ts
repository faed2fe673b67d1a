import {sha256Hex} from '../base/sha256-hex.ts';
import {digest} from '../facts/digest.ts';
import {hostname} from '../facts/hostname.ts';
import {followed} from '../facts/stat.ts';
import {NOTHING, type PendingChange} from '../model/change.ts';
import {type Fact, fact} from '../model/fact.ts';
import {sh} from '../shell/sh.ts';
import {defineResource} from './define.ts';
import {ownedFileFacts, ownedFileVerdict, pendingOf, together} from './owned-file.ts';
import {firstUnknown, seen} from './seen.ts';

export interface HostnameSpec {
  readonly name: string;
}

const FILE = '/etc/hostname';

export default defineResource<HostnameSpec>({
  kind: 'hostname',
  summary: 'The name of the host, now and after a boot.',

  schema: {
    type: 'object',
    required: ['name'],
    additionalProperties: false,
    properties: {
      name: {
        description: 'The name: letters, digits, dashes, and dots between labels.',
        type: 'string',
        maxLength: 64,
        pattern: '^[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*$',
      },
    },
  },

  key: () => 'hostname:now',
  facts: () => [hostname(), ...ownedFileFacts(FILE)],

  diff({name}, facts) {
    const hidden = firstUnknown(facts, [hostname()]);
    if (hidden) return hidden;
    const kept = ownedFileVerdict({path: FILE, content: `${name}\n`}, facts);
    if ('state' in kept) return kept;
    const before = seen(facts, hostname());
    return together(pendingOf([kept, before === name ? NOTHING : renamed(before, name)])) ?? NOTHING;
  },

  mayTouch: () => ['hostname:now', `path:${FILE}`],

  examples: [
    {
      title: 'renames a host',
      spec: {name: 'worker-1'},
      facts: [fact(hostname(), 'localhost'), ...fileFacts('localhost')],
      action: 'update',
      commands: [
        'write /etc/hostname 0644 root:root',
        'printf %s worker-1 >/proc/sys/kernel/hostname || hostname worker-1',
      ],
    },
    {
      title: 'leaves the right name alone',
      spec: {name: 'worker-1'},
      facts: [fact(hostname(), 'worker-1'), ...fileFacts('worker-1')],
      action: 'none',
      commands: [],
    },
  ],
});

/** systemd watches the kernel's name, and all others read it: no tool is needed. */
const renamed = (before: string | undefined, after: string): PendingChange => ({
  action: 'update',
  details: [{attribute: 'hostname', before, after}],
  impact: 'none',
  steps: [sh`printf %s ${after} >/proc/sys/kernel/hostname || hostname ${after}`],
  touches: ['hostname:now'],
  predicts: [fact(hostname(), after)],
  proof: 'facts',
});

function fileFacts(name: string): readonly Fact[] {
  const sha256 = sha256Hex(`${name}\n`);
  return [fact(followed(FILE), {type: 'file', mode: '0644', owner: 0, group: 0}), fact(digest(FILE), sha256)];
}
