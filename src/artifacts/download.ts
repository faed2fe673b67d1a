import {mkdir, open, rename, rm, stat} from 'node:fs/promises';
import {join} from 'node:path';
import {sha256Of} from './digests.ts';

/** Why a file cannot be had, as a sentence. */
export class ArtifactError extends Error {
  readonly code: 'E701' | 'E702';

  constructor(code: 'E701' | 'E702', message: string) {
    super(message);
    this.code = code;
  }
}

/**
 * Files by their digests, in a directory of the controller. A download that was cut goes on where it ended, also in
 * a later run; one that has another digest is thrown away.
 */
export class DownloadCache {
  readonly #directory: string;
  readonly #running = new Map<string, Promise<string>>();

  constructor(directory: string) {
    this.#directory = directory;
  }

  pathOf(sha256: string): string {
    return join(this.#directory, sha256);
  }

  /** The path of the file, downloaded if need be. Many may ask for it at once. */
  get(sha256: string, address: string, headers: Readonly<Record<string, string>> = {}): Promise<string> {
    const running = this.#running.get(sha256) ?? this.#get(sha256, address, headers);
    this.#running.set(sha256, running);
    running.catch(() => this.#running.delete(sha256));
    return running;
  }

  /** Why a file will not be had, as far as that can be told without downloading it. */
  async lack(sha256: string, address: string): Promise<string | undefined> {
    if (await isFile(this.pathOf(sha256))) return undefined;
    const signal = AbortSignal.timeout(LOOK_TIMEOUT_MS);
    try {
      const {ok} = await ask(address, {}, {method: 'HEAD', signal});
      // Some servers tell nothing of a file before they send it, each with a status of its own.
      if (!ok) await (await request(address, {}, {signal})).body?.cancel();
      return undefined;
    } catch (error) {
      if (error instanceof ArtifactError) return error.message;
      throw error;
    }
  }

  async #get(sha256: string, address: string, headers: Readonly<Record<string, string>>): Promise<string> {
    const path = this.pathOf(sha256);
    if ((await isFile(path)) && (await sha256Of(path)) === sha256) return path;
    await mkdir(this.#directory, {recursive: true});
    const part = `${path}.part`;
    await append(part, address, headers);
    const found = await sha256Of(part);
    if (found !== sha256) {
      await rm(part, {force: true});
      throw new ArtifactError('E702', `${address} has the SHA-256 ${found}, and ${sha256} is wanted.`);
    }
    await rename(part, path);
    return path;
  }
}

const LOOK_TIMEOUT_MS = 20_000;

const isFile = async (path: string): Promise<boolean> =>
  (await stat(path).catch(() => undefined))?.isFile() ?? false;
const sizeOf = async (path: string): Promise<number> => (await stat(path).catch(() => undefined))?.size ?? 0;

/** Asks for what is missing. A server that cannot do that sends all of it again. */
async function append(
  part: string,
  address: string,
  headers: Readonly<Record<string, string>>,
): Promise<void> {
  const have = await sizeOf(part);
  const range = have > 0 ? {range: `bytes=${have}-`} : {};
  const answer = await request(address, {...headers, ...range});
  if (answer.status === 416) return; // All of it is here: its digest tells.
  const file = await open(part, answer.status === 206 ? 'a' : 'w');
  try {
    // Chunk by chunk: what has arrived before the connection breaks stays.
    for await (const chunk of answer.body ?? []) await file.write(chunk);
  } catch (error) {
    throw unreachable(address, error);
  } finally {
    await file.close();
  }
}

/** Rejects with an `ArtifactError` unless there is something to read. */
export async function request(
  address: string,
  headers: Readonly<Record<string, string>>,
  options: Pick<RequestInit, 'signal'> = {},
): Promise<Response> {
  const answer = await ask(address, headers, options);
  if (answer.ok || answer.status === 416) return answer;
  await answer.body?.cancel();
  throw new ArtifactError('E701', `${address} answers ${answer.status}.`);
}

/** As `request`, with whatever the server answers. */
export async function ask(
  address: string,
  headers: Readonly<Record<string, string>>,
  options: Pick<RequestInit, 'method' | 'signal'> = {},
): Promise<Response> {
  try {
    return await fetch(address, {headers, ...options});
  } catch (error) {
    throw unreachable(address, error);
  }
}

function unreachable(address: string, error: unknown): ArtifactError {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return new ArtifactError(
    'E701',
    `${address} cannot be had: ${cause instanceof Error ? cause.message : String(cause)}.`,
  );
}
