import type {Script} from '../base/script.ts';
import {sha256Hex} from '../base/sha256-hex.ts';
import type {Detached} from '../model/step.ts';
import {findRunDirectory} from './run-directory.ts';
import {lines, sh} from './sh.ts';

/**
 * A job is a directory: the program, what it prints, its exit code. Its runner holds a lock as long as it runs,
 * so that waiting needs no polling; whoever waits asks for a shared one. `started` exists from when it is held.
 */
const functions: Script = sh`enter_jobs() {
  ${findRunDirectory} || return
  [ -d "$_run/jobs" ] || mkdir -m 700 "$_run/jobs" || return
  cd -- "$_run/jobs" || return
}
begun() {
  _count=0
  until [ -e "$1/started" ]; do
    [ "$_count" -lt 500 ] || return
    sleep 0.02 2>/dev/null || { sleep 1; _count=$((_count + 49)); }
    _count=$((_count + 1))
  done
}
await_job() { begun "$1" && flock -s 3 3<"$1/lock"; }`;

/** What runs apart. Reads its program from a file: unit properties and arguments can be read by everybody. */
const RUNNER = `cd -- "\${0%/*}" || exit
exec 9>lock
flock 9 || exit
: >started
( cd / && exec /bin/sh "$OLDPWD/program" ) >out 2>err </dev/null 9>&-
echo "$?" >code.new
mv code.new code
`;

/**
 * Starts a job, or finds it running from a run that died. One of another program is awaited, and its result
 * thrown away. Prints `started`, `attached` where ours ran already, `stale` where another one was awaited first.
 */
export function startJob(detached: Detached): Script {
  const id = idOf(detached.job);
  const digest = sha256Hex(detached.program.wire);
  const {wire} = lines([
    functions,
    sh`enter_jobs || exit
_how=started
if [ -d ${id} ]; then
  _digest=
  [ ! -e ${`${id}/digest`} ] || read -r _digest <${`${id}/digest`}
  if [ "$_digest" = ${digest} ] && begun ${id}; then echo attached; exit; fi
  await_job ${id} && _how=stale
  rm -rf -- ${id}
fi
umask 077
mkdir ${id} || exit
printf '%s\\n' ${`LC_ALL=C; export LC_ALL\n${detached.program.wire}`} >${`${id}/program`} || exit
printf '%s' ${RUNNER} >${`${id}/run`} || exit
printf '%s\\n' ${digest} >${`${id}/digest`} || exit
if [ -d /run/systemd/system ] && [ "$(id -u)" = 0 ]; then
  systemd-run --quiet --collect --no-block --setenv=PATH="$PATH" --setenv=HOME="\${HOME:-/root}" \
    --unit=${`provision-job-${id}`} /bin/sh "$PWD"/${`${id}/run`} >&2
else
  setsid /bin/sh "$PWD"/${`${id}/run`} </dev/null >/dev/null 2>&1 &
fi || { _code=$?; rm -rf -- ${id}; exit "$_code"; }
begun ${id} || { echo 'The job did not start' >&2; exit 70; }
echo "$_how"`,
  ]);
  return {wire, display: detached.program.display};
}

/** Waits until a job has ended, prints what it printed, and ends as it did. The job is kept until `forgetJob`. */
export function awaitJob({job, program}: Detached): Script {
  const id = idOf(job);
  const {wire} = lines([
    functions,
    sh`enter_jobs || exit
await_job ${id} || exit
cat ${`${id}/out`}
cat ${`${id}/err`} >&2
if ! [ -e ${`${id}/code`} ]; then echo 'The job was killed before it ended' >&2; exit 137; fi
read -r _code <${`${id}/code`}
exit "$_code"`,
  ]);
  return {wire, display: program.display};
}

/** Deletes an ended job. */
export const forgetJob = ({job}: Detached): Script =>
  lines([functions, sh`enter_jobs && rm -rf -- ${idOf(job)}`]);

/**
 * Waits for all jobs that run, whoever started them, and prints the names of those that are there. Their results
 * are kept, and nothing is made: observing changes nothing.
 */
export const awaitAllJobs: Script = lines([
  functions,
  sh`for _run in /run/provision "\${XDG_RUNTIME_DIR:-/tmp}"/provision-*; do
  if ! [ -O "$_run/jobs" ] || ! cd -- "$_run/jobs"; then continue; fi
  for _job in *; do
    [ ! -d "$_job" ] || { await_job "$_job"; printf '%s\\n' "$_job"; }
  done
done`,
]);

/** Deletes the ended jobs that a dead run left, by the names that `awaitAllJobs` printed. */
export const forgetLeftJobs = (ids: readonly string[]): Script =>
  lines([functions, sh`enter_jobs && rm -rf -- ${ids.map((id) => `./${id}`)}`]);

/** A file and unit name. Names that are none get their digest, so that two never meet. */
function idOf(job: string): string {
  if (/^[\w][\w.-]{0,80}$/.test(job)) return job;
  const digest = sha256Hex(job).slice(0, 16);
  return `${job.replaceAll(/[^\w.-]/g, '_').slice(0, 60)}-${digest}`;
}
