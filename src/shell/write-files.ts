import {dirname} from 'node:path';
import {groupedBy} from '../base/grouped.ts';
import type {Script} from '../base/script.ts';
import {reveal} from '../base/secret.ts';
import {display, type FileWrite} from '../model/step.ts';
import {backupOf, checkOf, extensionOf, local, ownership, placeFile} from './place-file.ts';
import {lines, sh} from './sh.ts';
import {tar} from './tar.ts';

/**
 * Writes files of one directory: unpacked beside their targets under names that nobody can guess, checked, then
 * renamed in order. A reader never sees half a file, and the first that fails is the first that is not there.
 */
export function writeFiles(files: readonly [FileWrite, ...FileWrite[]], nonce: string): Script {
  const [{path}] = files;
  const drafts = files.map((file, index) => ({file, temp: tempName(file, nonce, index)}));
  const {wire} = lines([
    placeFile,
    sh`cd -- ${dirname(path)} || exit
trap 'exit 143' HUP INT PIPE TERM
trap ${`rm -f -- ./.provision-${nonce}-*`} EXIT
clear_old
(umask 077; base64 -d | tar -xkmof -) <<'END' || exit
${{wire: archive(drafts), display: ''}}
END`,
    ...attributes(drafts),
    ...drafts.flatMap(({file, temp}) => checkOf(file, `${dirname(path)}/${temp}`)),
    ...drafts.flatMap(({file}) => backupOf(file)),
    sh`flush ${drafts.map(({temp}) => `./${temp}`)}
set -- ${drafts.flatMap(({file, temp}) => [`./${temp}`, local(file.path), ownership(file), file.mode])}
while [ $# -gt 0 ]; do
  place "$1" "$2" "$3" "$4" || exit
  shift 4
done`,
  ]);
  return {wire, display: files.map(display).join('\n')};
}

interface Draft {
  readonly file: FileWrite;
  readonly temp: string;
}

const tempName = (file: FileWrite, nonce: string, index: number): string =>
  `.provision-${nonce}-${index}${extensionOf(file)}`;

function archive(drafts: readonly Draft[]): string {
  const entries = drafts.map(({file, temp}) => ({name: temp, content: Buffer.from(reveal(file.content))}));
  // In lines, since some shells and tools read line by line.
  return tar(entries)
    .toString('base64')
    .replaceAll(/.{1024}/g, '$&\n');
}

/** One process for all files of the same attributes. */
function attributes(drafts: readonly Draft[]): readonly Script[] {
  const groups = groupedBy(drafts, ({file}) => `${ownership(file)} ${file.mode}`).values();
  return [...groups].flatMap((group) => {
    const temps = group.map(({temp}) => `./${temp}`);
    return group.slice(0, 1).map(({file}) => sh`attributes ${ownership(file)} ${file.mode} ${temps} || exit`);
  });
}
