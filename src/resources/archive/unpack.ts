import type {Script} from '../../base/script.ts';
import {MEASURE, workOf} from '../../facts/unpacked.ts';
import {named} from '../../shell/program.ts';
import {SEALS, sealing} from '../../shell/seals.ts';
import {lines, sh} from '../../shell/sh.ts';
import {sha256OfInput} from '../../shell/sha256.ts';

/** What is unpacked where, and how. */
export interface Unpacking {
  /** On the host. */
  readonly archive: string;
  readonly sha256: string;
  readonly dest: string;
  /** The directory that keeps the proof. */
  readonly stamp: string;
  /** What the proof says was unpacked. */
  readonly identity: string;
  readonly strip: number;
  /** Patterns of the members that are wanted; empty: all. */
  readonly include: readonly string[];
  /** `user:group` */
  readonly account: string;
  /** Whether the archive came for this alone, and goes behind it. */
  readonly archiveIs: 'kept' | 'temporary';
}

/**
 * Unpacks beside the target and renames every member into place, so that a program that runs is not disturbed and
 * an end at any instant leaves whole files. What an earlier archive of the same name brought and this one does not
 * is removed. The proof is taken away first and written last.
 */
export function unpack(what: Unpacking): Script {
  const {archive, dest, stamp, sha256, identity, strip, account} = what;
  const program = sh`${MEASURE}
${STEPS}
${sha256OfInput}
${sealing(SEALS)}
archive=${archive} dest=${dest} stamp=${stamp} strip=${strip}
work=${workOf(stamp, dest)}
mkdir -p -- "$dest" "$stamp" && rm -rf -- "$work" && mkdir -m 0700 -- "$work" "$work/raw" "$work/out" || exit
(
  digest=$(sha256 <"$archive") || exit
  if [ "$digest" != ${sha256} ]; then echo 'the archive has another digest' >&2; exit 65; fi
  extract "$work/raw" && cd -- "$work" && strip_names && cd out || exit
  ${filter(what)}
  find . ! -type d -print0 >"$work/members" && chown -R -h -- ${account} . || exit
  rm -f -- "$stamp/archive" && cat "$work/members" >>"$stamp/members" || exit
  remove_old && install_directories ${account} && install_members || exit
  cd -- "$dest" && cat "$work/members" >"$stamp/members" || exit
  full "$stamp/members" >"$stamp/proof" && quick "$stamp/members" >"$stamp/quick" || exit
  seal_members
  printf '%s' ${identity} >"$stamp/archive"
)
code=$?
rm -rf -- "$work"${what.archiveIs === 'temporary' ? sh` "$archive"` : sh``}
exit "$code"`;
  return named(sh`unpack ${archive} into ${dest}`, program);
}

/** A member is kept where a pattern fits its path; directories without members are not made. */
function filter({include}: Unpacking): Script {
  const [first, ...others] = include.map((pattern) => sh`-path ${`./${pattern}`}`);
  if (!first) return sh`:`;
  const any = others.reduce((before, pattern) => sh`${before} -o ${pattern}`, first);
  return sh`${lines(include.map((pattern) => sh`included ${pattern}`))}
  find . ! -type d ! \\( ${any} \\) -exec rm -f -- {} + || exit
  find . -depth -mindepth 1 -type d -exec rmdir -- {} + 2>/dev/null`;
}

/** Removes the members that the proof names, directories that are empty then, and the proof last. */
export const removeMembers = (dest: string, stamp: string): Script =>
  named(
    sh`remove from ${dest} what ${stamp} names`,
    sh`if [ -e ${stamp}/members ] && cd -- ${dest}; then
  xargs -0 -r rm -f -- <${stamp}/members || exit
  xargs -0 -r -n 1 dirname -- <${stamp}/members | sort -r -u | while IFS= read -r directory; do
    [ "$directory" = . ] || rmdir -p -- "$directory" 2>/dev/null
  done
fi
cd / && rm -rf -- ${stamp} ${`${stamp}.archive`}`,
  );

/** The kind of an archive is told by its first bytes: a name may lie, or have no ending. */
const STEPS = sh`extract() {
  case $(head -c 6 <"$archive" | od -A n -t x1 | tr -d ' \\n') in
    1f8b*) gzip -dc <"$archive" | tar -x -o -f - -C "$1" ;;
    fd377a585a00) xz -dc <"$archive" | tar -x -o -f - -C "$1" ;;
    28b52ffd*) zstd -dc <"$archive" | tar -x -o -f - -C "$1" ;;
    425a68*) bzip2 -dc <"$archive" | tar -x -o -f - -C "$1" ;;
    504b0304*) unzip -q -o "$archive" -d "$1" ;;
    *) tar -x -o -f "$archive" -C "$1" ;;
  esac
}
strip_names() {
  if [ "$strip" = 0 ]; then rmdir out && mv raw out; return; fi
  cd raw && find . ! -type d -exec sh -c '
    strip=$1; shift
    for from; do
      to=\${from#./} left=$strip
      while [ "$left" -gt 0 ]; do
        case $to in */*) to=\${to#*/} left=$((left - 1)) ;; *) continue 2 ;; esac
      done
      case $to in */*) mkdir -p -- "../out/\${to%/*}" || exit ;; esac
      mv -f -- "$from" "../out/$to" || exit
    done' sh "$strip" {} + && cd ..
}
included() {
  [ "$(find . ! -type d -path "./$1" | head -c 1)" ] || { echo "no member is named $1" >&2; exit 66; }
}
remove_old() {
  xargs -0 -r sh -c '
    dest=$1; shift
    for at; do [ -e "$at" ] || [ -L "$at" ] || rm -f -- "$dest/$at" || exit; done' sh "$dest" <"$stamp/members"
}
install_directories() {
  find . -mindepth 1 -type d -exec sh -c '
    dest=$1 account=$2; shift 2
    for at; do
      [ -d "$dest/$at" ] || {
        mkdir -p -- "$dest/$at" && chmod "$(stat -c %a -- "$at")" "$dest/$at" && chown "$account" "$dest/$at"
      } || exit
    done' sh "$dest" "$1" {} +
}
install_members() {
  find . ! -type d -exec sh -c '
    dest=$1; shift
    for at; do
      if [ -d "$dest/$at" ] && [ ! -L "$dest/$at" ]; then echo "$dest/$at is a directory" >&2; exit 1; fi
      mv -f -- "$at" "$dest/$at" || exit
    done' sh "$dest" {} +
}
# From 8 MiB on: a unit may be restarted for what its program is, and that is asked in each run.
seal_members() {
  while read -r digest at; do
    [ \${#digest} = 64 ] || continue
    [ "$(find "$at" -prune -type f -size +16383 2>/dev/null)" ] || continue
    at=$dest/\${at#./}
    seal "$at" "$digest" "$(printf '%s' "$at" | sha256)"
  done <"$stamp/proof"
}`;
