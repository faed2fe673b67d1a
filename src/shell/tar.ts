import {END, headerOf, paddingOf} from '../base/ustar.ts';

export interface TarEntry {
  /** At most 100 bytes. */
  readonly name: string;
  readonly content: Uint8Array;
}

/** A tar archive of regular files that only their owner may read, in the ustar format. */
export function tar(entries: readonly TarEntry[]): Buffer {
  const blocks = entries.flatMap(({name, content}) => [
    headerOf({name, size: content.length, mode: 0o600}),
    content,
    paddingOf(content.length),
  ]);
  return Buffer.concat([...blocks, END]);
}
