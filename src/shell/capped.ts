/** Of a stream of bytes: all of it, or its beginning and its end where it is longer than the cap. */
export class Capped {
  readonly #half: number;
  readonly #head: Buffer[] = [];
  #tail: Buffer[] = [];
  #headSize = 0;
  #tailSize = 0;
  #total = 0;

  constructor(capBytes: number) {
    this.#half = capBytes / 2;
  }

  push(chunk: Buffer): void {
    this.#total += chunk.length;
    const room = this.#half - this.#headSize;
    if (room > 0) this.#keepHead(chunk.subarray(0, room));
    if (chunk.length > room) this.#keepTail(chunk.subarray(Math.max(0, room)));
  }

  get truncated(): boolean {
    return this.#total > 2 * this.#half;
  }

  bytes(): Buffer {
    const tail = Buffer.concat(this.#tail);
    return Buffer.concat([...this.#head, tail.subarray(Math.max(0, tail.length - this.#half))]);
  }

  #keepHead(chunk: Buffer): void {
    this.#head.push(chunk);
    this.#headSize += chunk.length;
  }

  /** Compacts when twice as much is held as is kept: each byte is copied at most twice. */
  #keepTail(chunk: Buffer): void {
    this.#tail.push(chunk);
    this.#tailSize += chunk.length;
    if (this.#tailSize < 2 * this.#half) return;
    const all = Buffer.concat(this.#tail);
    this.#tail = [Buffer.from(all.subarray(all.length - this.#half))];
    this.#tailSize = this.#half;
  }
}
