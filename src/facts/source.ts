import type {Script} from '../base/script.ts';
import {type Answer, known, unknown} from '../model/answer.ts';
import type {FactKind, FactQuery} from '../model/fact.ts';
import {lines, sh} from '../shell/sh.ts';
import {numberedEach} from './records.ts';

/** What a server has answered, or why nothing was. */
export interface SourceAnswer {
  /** 0 where nothing was answered. */
  readonly status: number;
  /** What went wrong, in the words of the program that was to download. */
  readonly problem: string;
}

const kind: FactKind<SourceAnswer> = {
  name: 'source',
  summary:
    'What the host is answered that would download an address, within 10 seconds: `status` (0: nothing) and, where ' +
    'that is no success, `problem`. Only headers are asked. Needs curl or wget. Key: the address, and behind it, with ' +
    'blanks, `http=PROXY`, `https=PROXY` and `no=NAMES`, where they are other than in the environment.',
  // What is at the other end may change, and that is another host.
  derived: true,
  // All at once, since a silent address costs its whole time-out. The index tells the answers apart.
  program: (
    keys,
  ) => sh`told() { printf '%s %s %s\\0' "$1" "$2" "$(printf %s "$3" | tr '\\n' ' ' | cut -c 1-300)"; }
ways() {
  [ "$1" = '' ] || { http_proxy=$1; export http_proxy; }
  [ "$2" = '' ] || { https_proxy=$2; export https_proxy; }
  [ "$3" = '' ] || { no_proxy=$3; export no_proxy; }
}
if command -v curl >/dev/null
then meet() {
  ways "$3" "$4" "$5"
  # Behind redirections it is the status of the last one; one that leads nowhere is no answer.
  _text=$(curl -sSL --head --connect-timeout 5 --max-time 10 -o /dev/null -w '\\nstatus %{http_code}\\n' -- "$2" 2>&1 || echo 'status 000')
  told "$1" "$(printf '%s\\n' "$_text" | sed -n 's/^status //p' | tail -n 1)" "$(printf '%s\\n' "$_text" | sed '/^status /d')"
}
elif command -v wget >/dev/null
then meet() {
  ways "$3" "$4" "$5"
  # It has no time-out that works in all of its versions. GNU's ends with 4 or 5 where nobody answers.
  _text=$(LC_ALL=C timeout 10 wget --spider -- "$2" 2>&1)
  case $? in
    0) told "$1" 200 '' && return ;;
    124 | 143) told "$1" 000 'no answer within 10 seconds' && return ;;
    4 | 5) _status= ;;
    *) _status=$(printf '%s\\n' "$_text" | sed -n 's/.*\\(awaiting response[.]*\\|returned error: HTTP[^ ]*\\) \\([0-9][0-9][0-9]\\) .*/\\2/p' | tail -n 1) ;;
  esac
  told "$1" "\${_status:-000}" "$(printf '%s\\n' "$_text" | sed '/^$/d' | tail -n 1)"
}
else echo 'neither curl nor wget is there to download with' >&2; exit 1
fi
(
${lines(keys.map((key, index) => meeting(index, key)))}
wait
)`,
  parse: numberedEach(answerOf),
};

/** An address, and what stands behind it: `http=PROXY`, `https=PROXY`, `no=NAMES`. */
function meeting(index: number, key: string): Script {
  const [address = '', ...words] = key.split(' ');
  const after = (name: string): string =>
    words.find((word) => word.startsWith(`${name}=`))?.slice(name.length + 1) ?? '';
  return sh`meet ${index} ${address} ${after('http')} ${after('https')} ${after('no')} </dev/null &`;
}

function answerOf(text: string | undefined): Answer<SourceAnswer> {
  const [, status, problem = ''] = /^([0-9]{3}) (.*)$/s.exec(text ?? '') ?? [];
  return status === undefined
    ? unknown('no answer')
    : known({status: Number(status), problem: problem.trim()});
}

/** What a download from an address (http or https) would meet; the key may name proxies. */
export const source = (key: string): FactQuery<SourceAnswer> => ({kind, key, subject: `source:${key}`});
