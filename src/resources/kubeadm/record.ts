import type {Script} from '../../base/script.ts';
import {sha256Hex} from '../../base/sha256-hex.ts';
import {content} from '../../facts/content.ts';
import {digest} from '../../facts/digest.ts';
import type {FactQuery} from '../../model/fact.ts';
import type {JsonSchema} from '../../model/resource.ts';
import {sh} from '../../shell/sh.ts';
import {path} from '../schemas.ts';
import {PLACES, recordOf} from './places.ts';

/** A part of kubeadm's work that can be done again: what decides its outcome, and the files that it writes. */
export interface Recorded {
  readonly name: string;
  readonly compare: string;
  readonly files: readonly string[];
}

export const RECORDED: Readonly<Record<keyof Recorded, JsonSchema>> = {
  name: {
    description: 'Names its record, in /etc/kubernetes/provision.',
    type: 'string',
    pattern: '^[a-z][a-z0-9-]*$',
  },
  compare: {
    description: 'What decides the outcome. Another text than the recorded one: it is done again.',
    type: 'string',
  },
  files: {
    description: 'What it writes. A file with another digest than the recorded one: it is done again.',
    type: 'array',
    items: path('One of them.'),
    default: [],
  },
};

/** What was the case when a part was last done. */
interface PhaseRecord {
  readonly compare: string;
  readonly files: Readonly<Record<string, string>>;
}

/** All that tells whether a part is as recorded. */
export const recordFacts = ({name, files}: Recorded): readonly FactQuery[] => [
  content(recordOf(name)),
  ...files.map(digest),
];

/** `undefined` where it is no record: then the part is done again, and a new one is written. */
export function parseRecord(text: string): PhaseRecord | undefined {
  try {
    const {compare, files}: {readonly compare?: unknown; readonly files?: unknown} = JSON.parse(text);
    if (typeof compare !== 'string' || typeof files !== 'object' || files === null) return undefined;
    const digests = Object.entries(files).filter(
      (entry): entry is [string, string] => typeof entry[1] === 'string',
    );
    return {compare, files: Object.fromEntries(digests)};
  } catch {
    return undefined;
  }
}

/** Writes the record of what was just done, with the digests of the files as they are now. */
export const writeRecord = ({name, compare, files}: Recorded): Script => sh`record=${recordOf(name)}
mkdir -p -- ${PLACES.records} && {
  printf '{"compare": "%s", "files": {' ${sha256Hex(compare)}
  comma=
  for file in ${files.length > 0 ? files : ['']}; do
    [ -f "$file" ] || continue
    digest=$(sha256sum <"$file")
    printf '%s"%s": "%s"' "$comma" "$file" "\${digest%% *}"
    comma=', '
  done
  printf '}}\\n'
} >"$record.new" && mv -f -- "$record.new" "$record" || exit`;
