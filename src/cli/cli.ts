import {type Command, CommanderError} from 'commander';
import {renderAll} from '../diagnostics/render.ts';
import {isTransportError} from '../model/transport.ts';
import {NO_COLOUR} from '../report/palette.ts';
import {EXIT} from './exit-codes.ts';
import {asMistake, exitCodeOf} from './mistakes.ts';
import {createProgram, labByName} from './program.ts';
import {paletteOf} from './reporting.ts';
import type {World} from './world.ts';

/** One command from its words to its exit code. Never throws. */
export async function runCli(words: readonly string[], world: World): Promise<number> {
  let exitCode: number = EXIT.done;
  const finish = (code: number): void => {
    exitCode = code;
  };
  try {
    const program = createProgram(world, finish, await labFor(words, world, finish));
    await program.parseAsync(words, {from: 'user'});
    return exitCode;
  } catch (error) {
    return endOf(error, world);
  }
}

async function labFor(
  [word, ...rest]: readonly string[],
  world: World,
  finish: (exitCode: number) => void,
): Promise<Command> {
  const isWanted = word === 'lab' || (word === 'help' && rest[0] === 'lab');
  return isWanted ? (await import('./lab.ts')).labCommand(world, finish) : labByName();
}

function endOf(error: unknown, world: World): number {
  if (isShown(error)) return error.exitCode === 0 ? EXIT.done : EXIT.mistake;
  world.err.write(wordsOf(error, world));
  return exitCodeOf(error);
}

function wordsOf(error: unknown, world: World): string {
  const mistake = asMistake(error);
  if (mistake) return renderAll(mistake.diagnostics, {color: paletteOf(world.err, world) !== NO_COLOUR});
  if (!isTransportError(error)) return ourBug(error);
  return `${error.message}\n${error.hint === undefined ? '' : `hint: ${error.hint}\n`}`;
}

/** Help and version were printed already; help also for a command that lacks its second word. */
const isShown = (error: unknown): error is CommanderError =>
  error instanceof CommanderError && (error.exitCode === 0 || error.code === 'commander.help');

/** The one boundary behind which nothing of ours may fall. */
function ourBug(error: unknown): string {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return `${text}\n\nThis is a bug in provision. Please report it, with the lines above.\n`;
}
