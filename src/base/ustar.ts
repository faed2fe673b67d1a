/** Of a tar archive, and of its padding. */
export const BLOCK = 512;

/** A regular file of root, as old as the epoch: nothing in it tells where or when it was made. */
export interface Member {
  /** At most 100 bytes. */
  readonly name: string;
  readonly size: number;
  readonly mode: number;
}

/** What ends an archive. */
export const END: Uint8Array = Buffer.alloc(2 * BLOCK);

/** What is missing between the last byte of a member and the next header. */
export const paddingOf = (size: number): Uint8Array => Buffer.alloc(Math.ceil(size / BLOCK) * BLOCK - size);

/** The header of a member in the ustar format. */
export function headerOf({name, size, mode}: Member): Buffer {
  const block = Buffer.alloc(BLOCK);
  block.write(name, 0, 100);
  for (const [value, digits, at] of [
    [mode, 7, 100],
    [0, 7, 108],
    [0, 7, 116],
    [size, 11, 124],
    [0, 11, 136],
  ] as const)
    block.write(octal(value, digits), at);
  block.write(' '.repeat(8), 148);
  block.write('0', 156);
  block.write('ustar\u000000', 257);
  const checksum = block.reduce((sum, byte) => sum + byte, 0);
  block.write(`${octal(checksum, 6)}\0`, 148);
  return block;
}

const octal = (value: number, digits: number): string => value.toString(8).padStart(digits, '0');
