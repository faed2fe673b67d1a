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

const CONFIG = {src: 'config.toml.hbs', dest: '/etc/containerd/config.toml', content: 'version = 3\n'};
const OLD = fact(digest(CONFIG.dest), 'aaf4c61ddcc5e8a2dabede0f3b482cd9aea9434daaf4c61ddcc5e8a2dabede0f');

export default defineResource<TextFileSpec>({
  kind: 'template',
  summary: 'A regular file whose content is a template of the role, rendered with the variables of the host.',

  schema: {
    type: 'object',
    required: ['src', 'dest'],
    additionalProperties: false,
    properties: {
      src: {description: 'A template below `templates/` of the role.', type: 'string'},
      content: {
        description: 'The rendered text. The program fills it in; it is not written by hand.',
        type: 'string',
        'x-secret': true,
      },
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
      spec: CONFIG,
      facts: [fact(followed('/etc/containerd'), {type: 'directory', mode: '0755', owner: 0, group: 0})],
      action: 'create',
      commands: ['write /etc/containerd/config.toml 0644 root:root'],
    },
    {
      title: 'replaces what was rendered otherwise',
      spec: {...CONFIG, mode: '0600', validate: 'containerd config dump -c %s'},
      facts: [fact(followed(CONFIG.dest), {type: 'file', mode: '0600', owner: 0, group: 0}), OLD],
      action: 'update',
      commands: ['write /etc/containerd/config.toml 0600 root:root'],
    },
    {
      title: 'leaves a matching file alone',
      spec: CONFIG,
      facts: [
        fact(followed(CONFIG.dest), {type: 'file', mode: '0644', owner: 0, group: 0}),
        fact(digest(CONFIG.dest), 'a6302849064e016e520e513a22aef99a2d874333e7fcbf0b2c2260cb6ffb42f6'),
      ],
      action: 'none',
      commands: [],
    },
  ],
});
