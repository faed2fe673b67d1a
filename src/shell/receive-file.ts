import {dirname} from 'node:path';
import type {Script} from '../base/script.ts';
import {sha256Hex} from '../base/sha256-hex.ts';
import {display, type FileSend, type Proxies} from '../model/step.ts';
import {backupOf, checkOf, extensionOf, local, ownership, placeFile} from './place-file.ts';
import {proxied} from './proxied.ts';
import {SEALS, sealing} from './seals.ts';
import {lines, sh} from './sh.ts';
import {sha256OfInput} from './sha256.ts';

/** A large file from stdin: put in place when its digest is right. */
export const receiveFile = (file: FileSend): Script => fetched(file, sh`cat >|"$_new"`);

/** A large file that the host downloads by itself. */
export const downloadFile = (file: FileSend, address: string, proxy?: Proxies): Script =>
  fetched(
    file,
    sh`if command -v curl >/dev/null
then ${proxied(proxy)}curl -fsSL --retry 3 --connect-timeout 20 -o "$_new" -- ${address}
elif command -v wget >/dev/null
then ${proxied(proxy)}wget -q -O "$_new" -- ${address}
else echo 'Neither curl nor wget is there to download with' >&2; exit 69
fi`,
  );

/**
 * `mktemp` creates exclusively, for the owner alone. What replaces a file is on the disk before it takes its place;
 * what is new is not waited for: should the power fail, the next run finds another digest and brings it again.
 */
function fetched(file: FileSend, fetch: Script): Script {
  const {wire} = sh`${placeFile}
${sealing(SEALS)}
${sha256OfInput}
cd -- ${dirname(file.path)} || exit
clear_old
umask 077
_new=$(mktemp ./.provision-XXXXXXXXXXXX) || exit
trap 'exit 143' HUP INT PIPE TERM
trap 'rm -f -- "$_new"' EXIT
${fetch} || exit
_sum=$(sha256 <"$_new") || exit
if [ "$_sum" != ${file.sha256} ]; then
  printf '%s: the SHA-256 of what arrived is %s, expected was %s\\n' ${file.path} "$_sum" ${file.sha256} >&2
  exit 65
fi
attributes ${ownership(file)} ${file.mode} "$_new" || exit
${lines(checked(file))}
${file.isTemporary ? sh`:` : sh`[ ! -e ${local(file.path)} ] || flush "$_new"`}
${lines(backupOf(file))}
place "$_new" ${local(file.path)} ${ownership(file)} ${file.mode} || exit
${file.isTemporary ? sh`:` : sh`seal ${file.path} ${file.sha256} ${sha256Hex(file.path)}`}`;
  return {wire, display: display(file)};
}

/** `mktemp` of busybox makes no names with an extension. */
function checked(file: FileSend): readonly Script[] {
  const extension = extensionOf(file);
  const named = sh`mv -- "$_new" "$_new"${extension} || exit
_new=$_new${extension}`;
  return [...(extension === '' ? [] : [named]), ...checkOf(file, sh`"$PWD/\${_new#./}"`)];
}
