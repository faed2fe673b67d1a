import {digest} from '../facts/digest.ts';
import {followed} from '../facts/stat.ts';
import {fact} from '../model/fact.ts';
import type {FileAttributes, FileSend, Proxies} from '../model/step.ts';
import {defineResource} from './define.ts';
import {fileFacts, fileVerdict} from './regular-file.ts';
import {DOWNLOAD, GROUP, MODE, OWNER, PROXY, path, SHA256} from './schemas.ts';

interface ArtifactSpec {
  readonly dest: string;
  readonly sha256: string;
  readonly src?: string;
  readonly url?: string;
  readonly download: 'host' | 'controller';
  readonly proxy: Proxies;
  readonly owner: string | number;
  readonly group: string | number;
  readonly mode: string;
}

const RUNC = {
  dest: '/usr/local/sbin/runc',
  sha256: '5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03',
  src: 'runc.amd64',
  mode: '0755',
};

export default defineResource<ArtifactSpec>({
  kind: 'artifact',
  summary: 'A file known by its digest: sent by the controller, or downloaded by the host. Of any size.',

  schema: {
    type: 'object',
    required: ['dest', 'sha256'],
    additionalProperties: false,
    oneOf: [{required: ['src']}, {required: ['url']}],
    properties: {
      dest: path('Where the file is on the host. The directory must be there.'),
      sha256: SHA256,
      src: {
        description:
          'Where the controller has it: below `files/` of the role, or absolute. Or the address of a download.',
        type: 'string',
      },
      url: {description: 'Where the host downloads it.', type: 'string', pattern: '^https?://'},
      download: DOWNLOAD,
      proxy: PROXY,
      owner: {...OWNER, default: 'root'},
      group: {...GROUP, default: 'root'},
      mode: {...MODE, default: '0644'},
    },
  },

  key: ({dest}) => `path:${dest}`,
  facts: (spec) => fileFacts(spec.dest, spec),
  fetches: (spec) => [{type: 'file', sha256: spec.sha256, from: sourceOf(spec)}],

  diff(spec, facts) {
    const {dest, sha256, owner, group, mode} = spec;
    const put = (attributes: FileAttributes): FileSend => ({
      step: 'send',
      path: dest,
      sha256,
      from: sourceOf(spec),
      ...attributes,
    });
    return fileVerdict({dest, attributes: {owner, group, mode}, sha256, content: 'shown', put}, facts);
  },

  mayTouch: ({dest}) => [`path:${dest}`],

  examples: [
    {
      title: 'sends a missing file',
      spec: RUNC,
      facts: [],
      action: 'create',
      commands: [`send ${RUNC.dest} 0755 root:root sha256:${RUNC.sha256}`],
    },
    {
      title: 'leaves a file with this digest alone',
      spec: RUNC,
      facts: [
        fact(followed(RUNC.dest), {type: 'file', mode: '0755', owner: 0, group: 0}),
        fact(digest(RUNC.dest), RUNC.sha256),
      ],
      action: 'none',
      commands: [],
    },
    {
      title: 'replaces another version',
      spec: RUNC,
      facts: [
        fact(followed(RUNC.dest), {type: 'file', mode: '0755', owner: 0, group: 0}),
        fact(digest(RUNC.dest), 'c'.repeat(64)),
      ],
      action: 'update',
      commands: [`send ${RUNC.dest} 0755 root:root sha256:${RUNC.sha256}`],
    },
  ],
});

/** The schema lets one of both be said. An address in `src` is one, so that a variable can say either. */
export function sourceOf({src, url, download, proxy = {}}: Source): FileSend['from'] {
  const from = url ?? src ?? '';
  if (!/^https?:\/\//.test(from)) return {file: from};
  if (download === 'controller') return {address: from, by: download};
  const isProxied = Object.values(proxy).some((each) => each !== '');
  return {address: from, ...(isProxied ? {proxy} : {})};
}

interface Source {
  readonly src?: string;
  readonly url?: string;
  readonly download?: 'host' | 'controller';
  readonly proxy?: Proxies;
}
