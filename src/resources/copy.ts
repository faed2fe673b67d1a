import {digest} from '../facts/digest.ts';
import {followed} from '../facts/stat.ts';
import {fact} from '../model/fact.ts';
import {defineResource} from './define.ts';
import {
  TEXT_FILE_PROPERTIES,
  type TextFileSpec,
  textFileFacts,
  textFilePreview,
  textFileProblem,
  textFileVerdict,
} from './text-file.ts';

const MOTD = {dest: '/etc/motd', content: 'hello\n'};
const HELLO = '5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03';

export default defineResource<TextFileSpec>({
  kind: 'copy',
  summary: 'A regular file with exact content: written out in the task, or a file of the role.',

  schema: {
    type: 'object',
    required: ['dest'],
    additionalProperties: false,
    properties: {
      content: {description: 'The content as text.', type: 'string', 'x-secret': true},
      src: {description: 'A file below `files/` of the role, in place of `content`.', type: 'string'},
      ...TEXT_FILE_PROPERTIES,
    },
  },

  key: ({dest}) => `path:${dest}`,
  validate: textFileProblem,
  facts: textFileFacts,
  diff: textFileVerdict,
  mayTouch: ({dest}) => [`path:${dest}`],
  preview: textFilePreview,

  examples: [
    {
      title: 'writes a missing file',
      spec: {...MOTD, mode: 'u=rw,go=r'},
      facts: [fact(followed('/etc'), {type: 'directory', mode: '0755', owner: 0, group: 0})],
      action: 'create',
      commands: ['write /etc/motd 0644 root:root'],
    },
    {
      title: 'leaves a matching file alone',
      spec: MOTD,
      facts: [
        fact(followed('/etc/motd'), {type: 'file', mode: '0644', owner: 0, group: 0}),
        fact(digest('/etc/motd'), HELLO),
      ],
      action: 'none',
      commands: [],
    },
    {
      title: 'does not write a file again whose owner alone is wrong',
      spec: MOTD,
      facts: [
        fact(followed('/etc/motd'), {type: 'file', mode: '0600', owner: 1000, group: 0}),
        fact(digest('/etc/motd'), HELLO),
      ],
      action: 'update',
      commands: ['chown root -- /etc/motd', 'chmod 0644 -- /etc/motd'],
    },
  ],
});
