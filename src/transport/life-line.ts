import type {Script} from '../base/script.ts';
import {type Resolvers, withResolvers} from '../base/with-resolvers.ts';
import {TransportError} from '../model/transport.ts';
import {type Channel, describeEnd} from '../shell/channel.ts';
import {sh} from '../shell/sh.ts';

/** Six beats fit into the silence that a life-line bears. */
const BEAT_MS = 10_000;

/** After so long without a beat, the controller is gone, though the connection seems to stand. */
const SILENCE_SECONDS = 60;

/**
 * Reads orders, a line each, and beats. At the end of its input, or after 60 s of silence, it ends every process
 * group that it watches: a dropped connection alone would leave them running. Waiting for a line is `timeout`'s
 * work: it ends with its child, and leaves no `sleep` behind. A group that holds only zombies is gone.
 */
export const lifeLine = (silenceSeconds = SILENCE_SECONDS): Script => sh`groups=
runs() {
  for _stat in /proc/[0-9]*/stat; do
    read -r _line 2>/dev/null <"$_stat" || continue
    _line=\${_line##*) }
    case $_line in [ZX]*) continue ;; esac
    _line=\${_line#* * }
    [ "\${_line%% *}" != "$1" ] || return 0
  done
  return 1
}
await_end() {
  _count=0
  while runs "$1" && [ "$_count" -lt 30 ]; do
    sleep 0.1 2>/dev/null || sleep 1
    _count=$((_count + 1))
  done
}
end() {
  kill -s TERM -- "-$1" 2>/dev/null && await_end "$1"
  kill -s KILL -- "-$1" 2>/dev/null && await_end "$1"
}
forget() {
  _all=$groups groups=
  for _group in $_all; do [ "$_group" = "$1" ] || groups="$groups $_group"; done
}
trap '' HUP INT TERM
while line=$(timeout -s KILL ${silenceSeconds} /bin/sh -c 'IFS= read -r line && echo "$line"'); do
  case $line in
    'watch '*) groups="$groups \${line#* }" ;;
    'forget '*) forget "\${line#* }" ;;
    'kill '*) end "\${line#* }"; forget "\${line#* }"; echo "\${line#* }" ;;
  esac
done
exec >/dev/null 2>&1
for group in $groups; do end "$group"; done`;

/** The controller's end of a life-line. */
export class LifeLine {
  readonly gone: Promise<void>;
  readonly #channel: Channel;
  readonly #beat: NodeJS.Timeout;
  readonly #killed = new Map<number, Resolvers<void>>();
  #rest = '';
  #why = '';

  constructor(channel: Channel) {
    this.#channel = channel;
    this.#beat = setInterval(() => channel.write('beat\n'), BEAT_MS);
    this.#beat.unref();
    channel.receive('stdout', (chunk) => this.#read(chunk.toString('latin1')));
    channel.receive('stderr', (chunk) => {
      this.#why = chunk.toString('utf8').trim().slice(-400);
    });
    this.gone = channel.ended.then((end) => this.#onEnd(describeEnd(end)));
  }

  watch(group: number): void {
    this.#channel.write(`watch ${group}\n`);
  }

  /** The group is gone: its number may belong to others from now on. */
  forget(group: number): void {
    this.#channel.write(`forget ${group}\n`);
  }

  /** Settles when no process of the group is left, or none that can be killed. */
  kill(group: number): Promise<void> {
    const killed = this.#killed.get(group) ?? withResolvers<void>();
    this.#killed.set(group, killed);
    this.#channel.write(`kill ${group}\n`);
    return killed.promise;
  }

  /** Ends what is left of the watched groups, and itself. */
  async close(): Promise<void> {
    clearInterval(this.#beat);
    this.#channel.end();
    await this.gone;
  }

  #read(text: string): void {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const group of lines.map(Number)) {
      this.#killed.get(group)?.resolve();
      this.#killed.delete(group);
    }
  }

  #onEnd(how: string): void {
    clearInterval(this.#beat);
    const error = new TransportError('lost', `The life-line ended (${how}) ${this.#why}`.trim());
    for (const {reject} of this.#killed.values()) reject(error);
    this.#killed.clear();
  }
}
