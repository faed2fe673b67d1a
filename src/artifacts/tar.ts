import type {FileHandle} from 'node:fs/promises';

/** Of a tar archive, and of its padding. */
export const BLOCK = 512;

/** A regular file in an archive. Where its bytes are, others know. */
export interface Member {
  /** At most 100 bytes. */
  readonly name: string;
  readonly size: number;
}

/** How many bytes of an archive a member takes, its header among them. */
export const spaceOf = (size: number): number => BLOCK + Math.ceil(size / BLOCK) * BLOCK;

export const paddingOf = (size: number): Uint8Array => Buffer.alloc(Math.ceil(size / BLOCK) * BLOCK - size);

/** What ends an archive. */
export const END: Uint8Array = Buffer.alloc(2 * BLOCK);

/** The header of a file of root that all may read, as old as the epoch: nothing in it tells where or when it was made. */
export function headerOf({name, size}: Member): Buffer {
  const block = Buffer.alloc(BLOCK);
  block.write(name, 0, 100);
  for (const [value, digits, at] of [
    [0o644, 7, 100],
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

/** The member whose header is at an offset, as `headerOf` writes it; `undefined` for anything else. */
export async function memberAt(file: FileHandle, offset: number): Promise<Member | undefined> {
  const block = Buffer.alloc(BLOCK);
  const {bytesRead} = await file.read(block, 0, BLOCK, offset);
  if (bytesRead < BLOCK) return undefined;
  const name = block.toString('utf8', 0, 100).replace(/\0.*$/s, '');
  const size = Number.parseInt(block.toString('latin1', 124, 135), 8);
  const member = {name, size};
  return Number.isSafeInteger(size) && block.equals(headerOf(member)) ? member : undefined;
}
