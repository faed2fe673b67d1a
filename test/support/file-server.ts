import {createServer, type IncomingMessage} from 'node:http';

/** What a server answers: a status, headers, and a body that may be cut off before its end. */
export interface Answer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  /** So many bytes are sent, and then the connection breaks. */
  readonly cutAfter?: number;
}

/** A server on loopback: `await using server = await FileServer.start(…)`. It keeps what it was asked. */
export class FileServer implements AsyncDisposable {
  readonly asked: string[] = [];
  readonly #server;
  #port = 0;

  private constructor(answer: (path: string, request: IncomingMessage) => Answer | undefined) {
    this.#server = createServer((request, response) => {
      const path = request.url ?? '';
      const verb = request.method === 'HEAD' ? 'HEAD ' : '';
      this.asked.push(
        `${verb}${path}${request.headers.range === undefined ? '' : ` ${request.headers.range}`}`,
      );
      const {status = 200, headers = {}, body, cutAfter} = answer(path, request) ?? NOTHING_THERE;
      response.writeHead(status, {'content-length': body.length, ...headers});
      if (cutAfter === undefined) response.end(body);
      else response.write(body.subarray(0, cutAfter), () => response.destroy());
    });
  }

  static async start(
    answer: (path: string, request: IncomingMessage) => Answer | undefined,
  ): Promise<FileServer> {
    const server = new FileServer(answer);
    await new Promise<void>((resolve) => server.#server.listen(0, '127.0.0.1', resolve));
    const address = server.#server.address();
    if (address === null || typeof address === 'string') throw new Error('no address');
    server.#port = address.port;
    return server;
  }

  get host(): string {
    return `127.0.0.1:${this.#port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

const NOTHING_THERE: Answer = {status: 404, body: Buffer.from('')};

/** As servers answer that can send the rest of a file. */
export function inParts(content: Uint8Array, request: IncomingMessage): Answer {
  const from = /^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1];
  if (from === undefined) return {body: content};
  const rest = content.subarray(Number(from));
  return rest.length === 0 ? {status: 416, body: rest} : {status: 206, body: rest};
}
