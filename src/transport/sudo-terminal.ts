import {TransportError} from '../model/transport.ts';
import {type Channel, type ChannelEnd, describeEnd} from '../shell/channel.ts';
import {sh} from '../shell/sh.ts';
import {BOOT_COMMAND, bootAgain, bootLine} from './boot.ts';
import type {Opener} from './opener.ts';
import {openSudo, type Sudo} from './sudo.ts';

/** How long output may still be on its way when the program has ended. */
const DRAIN_MS = 500;

/**
 * Where sudo wants a terminal, it gets one, and nothing else does: a terminal mixes both outputs and has no end
 * of file. The program's streams are pipes with names, in a directory that only the login can enter, and a
 * second channel carries them.
 */
export async function openSudoOnTerminal(opener: Opener, sudo: Sudo): Promise<Channel> {
  const terminal = await openSudo(opener, sudo, 'terminal');
  try {
    const {directory, streams} = await makePipes(await opener.open(BOOT_COMMAND, 'streams'));
    const [input, output, errors] = [`${directory}/in`, `${directory}/out`, `${directory}/err`];
    terminal.write(bootLine(sh`exec <${input} >${output} 2>${errors}\n${bootAgain}`));
    return joined(streams, terminal);
  } catch (error) {
    terminal.destroy();
    throw error;
  }
}

const carry = sh`umask 077
_pipes=$(mktemp -d) || exit
trap 'rm -rf -- "$_pipes"' EXIT
trap 'exit 143' HUP INT PIPE TERM
mkfifo "$_pipes/in" "$_pipes/out" "$_pipes/err" || exit
echo "$_pipes"
cat <"$_pipes/out" &
cat <"$_pipes/err" >&2 &
cat >"$_pipes/in"
wait`;

interface Pipes {
  readonly directory: string;
  readonly streams: Channel;
}

/** The first line tells where the pipes are; all behind it is the program's. */
async function makePipes(carrier: Channel): Promise<Pipes> {
  return await new Promise((resolve, reject) => {
    let said = '';
    let listener: ((chunk: Buffer) => void) | undefined;
    const receive: Channel['receive'] = (stream, heard) => {
      if (stream === 'stdout') listener = heard;
      else carrier.receive(stream, heard);
    };
    carrier.receive('stdout', (chunk) => {
      if (listener) return listener(chunk);
      said += chunk.toString('latin1');
      if (said.endsWith('\n')) resolve({directory: said.trimEnd(), streams: {...carrier, receive}});
    });
    void carrier.ended.then((end) =>
      reject(new TransportError('become', `No pipes can be made: ${describeEnd(end)}`)),
    );
    carrier.write(bootLine(carry));
  });
}

/** Ends as the program under sudo does, once what it printed has arrived. */
function joined(streams: Channel, terminal: Channel): Channel {
  const ended = async (): Promise<ChannelEnd> => {
    const end = await terminal.ended;
    const drained = new Promise((resolve) => setTimeout(resolve, DRAIN_MS).unref());
    await Promise.race([streams.ended, drained]);
    return end;
  };
  const destroy = (): void => {
    streams.destroy();
    terminal.destroy();
  };
  return {...streams, ended: ended(), destroy};
}
