import {posix} from 'node:path';
import type {JsonObject} from '../base/json.ts';
import {onceForEach} from '../base/once-for-each.ts';
import type {Script} from '../base/script.ts';
import {reveal, Secret, type Text} from '../base/secret.ts';
import {sha256Hex} from '../base/sha256-hex.ts';
import {content as contentOf} from '../facts/content.ts';
import {followed} from '../facts/stat.ts';
import {unknown, valueOf} from '../model/answer.ts';
import type {Verdict} from '../model/change.ts';
import type {FactQuery, Facts} from '../model/fact.ts';
import type {Preview} from '../model/resource.ts';
import type {FileAttributes, Step} from '../model/step.ts';
import {shellText} from '../shell/program.ts';
import {sh} from '../shell/sh.ts';
import {fileFacts, fileVerdict} from './regular-file.ts';
import {GROUP, MODE, OWNER, path, SHA256} from './schemas.ts';
import {firstUnknown, seen} from './seen.ts';

/** What `copy` and `template` have in common. */
export interface TextFileSpec {
  readonly dest: string;
  readonly content?: Text;
  readonly src?: string;
  readonly sha256?: string;
  readonly owner: string | number;
  readonly group: string | number;
  readonly mode: string;
  readonly validate?: string;
  readonly backup: boolean;
  readonly sensitive: boolean;
}

/** The properties of both, without those that say where the content comes from. */
export const TEXT_FILE_PROPERTIES: JsonObject = {
  dest: path('Where the file is on the host. The directory must be there. A link is followed.'),
  owner: {...OWNER, default: 'root'},
  group: {...GROUP, default: 'root'},
  mode: {...MODE, default: '0644'},
  validate: {
    description:
      'A command that must succeed before the file is put in place; `%s` is the path of the new file.',
    type: 'string',
    pattern: '%s',
  },
  backup: {description: 'Keep what was there as `DEST.TIME~`.', type: 'boolean', default: false},
  sensitive: {
    description:
      'Show nothing of the content: no diff, no digest. So it is by itself where a secret is inside.',
    type: 'boolean',
    default: false,
  },
  sha256: {
    ...SHA256,
    description: 'SHA-256 of the file at `src`, where that is too large to travel as text.',
  },
};

/** What the schema cannot say. */
export function textFileProblem({content, src, sha256}: TextFileSpec): string | undefined {
  if (content !== undefined || (src !== undefined && sha256 !== undefined)) return undefined;
  return src === undefined ? 'It needs `content` or `src`.' : `The content of "${src}" is not known.`;
}

/** All that `textFileVerdict` reads. */
export const textFileFacts = (spec: TextFileSpec): readonly FactQuery[] => [
  ...fileFacts(spec.dest, spec),
  followed(posix.dirname(spec.dest)),
];

/** What must be done so that the file holds this text. A file without a directory is no plan. */
export function textFileVerdict(spec: TextFileSpec, facts: Facts): Verdict {
  const verdict = verdictOf(spec, facts);
  if (!('action' in verdict) || verdict.action !== 'create') return verdict;
  const folder = followed(posix.dirname(spec.dest));
  const closed = firstUnknown(facts, [folder]);
  if (closed) return closed;
  const found = seen(facts, folder);
  if (found?.type === 'directory') return verdict;
  return unknown(
    `${folder.key} ${found ? `is a ${found.type}, not a directory` : 'is not there, and nothing before makes it'}`,
  );
}

function verdictOf(spec: TextFileSpec, facts: Facts): Verdict {
  const {dest, owner, group, mode} = spec;
  return fileVerdict(
    {
      dest,
      attributes: {owner, group, mode},
      sha256: digestOf(spec),
      content: isHidden(spec) ? 'hidden' : 'shown',
      put: (attributes) => stepFor(spec, attributes),
    },
    facts,
  );
}

function stepFor(
  {dest, content, src = '', sha256 = '', validate, backup}: TextFileSpec,
  attributes: FileAttributes,
): Step {
  const placing = {
    path: dest,
    ...attributes,
    ...(validate === undefined ? {} : {validate: (file: string | Script) => validation(validate, file)}),
    ...(backup ? {backup} : {}),
  };
  if (content === undefined) return {step: 'send', sha256, from: {file: src}, ...placing};
  return {step: 'write', content, ...placing};
}

/** The command of the user with the quoted path in place of each `%s`. */
function validation(command: string, file: string | Script): Script {
  const [first, ...others] = command.split('%s').map(shellText);
  return others.reduce((before, after) => sh`${before}${file}${after}`, first ?? shellText(''));
}

/** The text before and after, for people. Hidden and binary files have none. */
export function textFilePreview(spec: TextFileSpec): Preview {
  const {dest, content} = spec;
  if (content === undefined || isHidden(spec)) return {facts: [], show: () => []};
  const query = contentOf(dest);
  const show: Preview['show'] = (facts) => {
    const answer = facts.get(query);
    const before = answer.state === 'unknown' ? undefined : valueOf(answer);
    return [{path: dest, before, after: reveal(content)}];
  };
  return {facts: [query], show};
}

const isHidden = ({sensitive, content}: TextFileSpec): boolean => sensitive || content instanceof Secret;

/** Many hosts share one spec, and each is compared with it. */
const digestOf = onceForEach(({content, sha256 = ''}: TextFileSpec) =>
  content === undefined ? sha256 : sha256Hex(reveal(content)),
);
