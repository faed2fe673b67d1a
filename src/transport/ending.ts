import {withResolvers} from '../base/with-resolvers.ts';
import type {ChannelEnd} from '../shell/channel.ts';

/** How long a program's descendants may hold its streams open in silence after it ended. */
const LINGER_MS = 500;

/**
 * When a program is over: when its streams are closed, or some time after it ended, since descendants may live
 * on and hold the streams.
 */
export class Ending {
  readonly promise: Promise<ChannelEnd>;
  readonly #settle = withResolvers<ChannelEnd>();
  #end: ChannelEnd | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor() {
    this.promise = this.#settle.promise;
  }

  exited(end: ChannelEnd): void {
    this.#end = end;
    this.#timer = setTimeout(() => this.#settle.resolve(end), LINGER_MS);
  }

  /** More of its output arrived: the time begins anew. */
  heard(): void {
    this.#timer?.refresh();
  }

  closed(why: string): void {
    clearTimeout(this.#timer);
    this.#settle.resolve(this.#end ?? {exitCode: undefined, signal: undefined, error: why});
  }
}
