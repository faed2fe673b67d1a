import type {FileHandle} from 'node:fs/promises';
import {BLOCK, headerOf as headerOfAny, type Member} from '../base/ustar.ts';

/** A file in an archive, which all may read. Where its bytes are, others know. */
export type PublicMember = Omit<Member, 'mode'>;

/** How many bytes of an archive a member takes, its header among them. */
export const spaceOf = (size: number): number => BLOCK + Math.ceil(size / BLOCK) * BLOCK;

/** The header of a file that all may read. */
export const headerOf = (member: PublicMember): Buffer => headerOfAny({...member, mode: 0o644});

/** The member whose header is at an offset, as `headerOf` writes it; `undefined` for anything else. */
export async function memberAt(file: FileHandle, offset: number): Promise<PublicMember | undefined> {
  const block = Buffer.alloc(BLOCK);
  const {bytesRead} = await file.read(block, 0, BLOCK, offset);
  if (bytesRead < BLOCK) return undefined;
  const name = block.toString('utf8', 0, 100).replace(/\0.*$/s, '');
  const size = Number.parseInt(block.toString('latin1', 124, 135), 8);
  const member = {name, size};
  return Number.isSafeInteger(size) && block.equals(headerOf(member)) ? member : undefined;
}
