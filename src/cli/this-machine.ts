import process from 'node:process';
import {createInterface} from 'node:readline/promises';
import {Writable} from 'node:stream';
import type {Output, World} from './world.ts';

/** The terminal, pipes, signals and environment of this process. */
export function thisMachine(): World {
  return {
    env: process.env,
    out: outputOf(process.stdout),
    err: outputOf(process.stderr),
    isInteractive: process.stdin.isTTY && process.stderr.isTTY,
    ask: (question) => askOn(process.stderr, question),
    askSecret,
    onInterrupt,
  };
}

function outputOf(stream: NodeJS.WriteStream): Output {
  let isBroken = false;
  // A reader that went away (`| head`) must not end a run that is changing hosts.
  stream.on('error', () => {
    isBroken = true;
  });
  return {
    write: (text) => {
      if (!isBroken) stream.write(text);
    },
    isTTY: stream.isTTY,
    // Without a terminal these are undefined, whatever their type says.
    size: () => ({columns: stream.columns || 80, rows: stream.rows || 24}),
  };
}

async function askOn(output: NodeJS.WritableStream, question: string): Promise<string | undefined> {
  const lines = createInterface({input: process.stdin, output, terminal: process.stdin.isTTY});
  const ended = new Promise<undefined>((resolve) => {
    lines.once('close', () => resolve(undefined));
    lines.once('SIGINT', () => lines.close());
  });
  try {
    return await Promise.race([lines.question(question), ended]);
  } finally {
    lines.close();
  }
}

/** What readline would echo is dropped; the question itself is written beside it. */
async function askSecret(question: string): Promise<string | undefined> {
  process.stderr.write(question);
  const nowhere = new Writable({write: (_chunk, _encoding, done) => done()});
  const answer = await askOn(nowhere, '');
  process.stderr.write('\n');
  return answer;
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

function onInterrupt(listener: () => void): () => void {
  for (const signal of SIGNALS) process.on(signal, listener);
  return () => {
    for (const signal of SIGNALS) process.off(signal, listener);
  };
}
