import {stat} from '../facts/stat.ts';
import {sh} from '../shell/sh.ts';
import {defineBracket} from './define.ts';

interface FileFlagSpec {
  readonly path: string;
  readonly content: string;
}

export default defineBracket<FileFlagSpec>({
  kind: 'file_flag',
  summary: 'A file that is there only while something changes: others read it to stay silent or to wait.',

  schema: {
    type: 'object',
    required: ['path'],
    additionalProperties: false,
    properties: {
      path: {
        description: 'Where the file is. The directory must be there, and nobody else may use the file.',
        type: 'string',
        pattern: '^/[^\\u0000]*[^/\\u0000]$',
      },
      content: {description: 'What it says.', type: 'string', default: ''},
    },
  },

  key: ({path}) => `path:${path}`,
  facts: ({path}) => [stat(path)],
  open: ({path, content}) => [{step: 'write', path, content, mode: '0644', owner: 'root', group: 'root'}],
  close: ({path}) => [sh`rm -f -- ${path}`],
  leftOpen: ({path}, facts) => facts.get(stat(path)).state === 'known',

  examples: [
    {
      title: 'tells monitoring to stay silent',
      spec: {path: '/run/maintenance', content: 'provision\n'},
      open: ['write /run/maintenance 0644 root:root'],
      close: ['rm -f -- /run/maintenance'],
    },
  ],
});
