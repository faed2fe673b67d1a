import type {Write} from './reporter.ts';

/** The bottom of a terminal, which is drawn again and again; what is printed stands above it and stays. */
export class Screen {
  readonly #write: Write;
  #printed: string[] = [];
  #height = 0;

  constructor(write: Write) {
    this.#write = write;
  }

  /** Shown with the next frame, so that many lines at once cost one write. */
  print(lines: readonly string[]): void {
    this.#printed.push(...lines);
  }

  /** Replaces the last frame. No line of it may be wider than the terminal. */
  draw(frame: readonly string[]): void {
    const lines = [...this.#printed, ...frame];
    const text = lines.map((line) => `${line}\n`).join('');
    this.#write(`${eraseAbove(this.#height)}${text}`);
    this.#printed = [];
    this.#height = frame.length;
  }

  /** Takes the frame away: something else writes now. */
  clear(): void {
    this.draw([]);
  }
}

/** Up to the first line of the last frame, and all below it erased. */
const eraseAbove = (height: number): string => (height === 0 ? '' : `\u001b[${height}A\u001b[0J`);
