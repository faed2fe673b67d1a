import {createHash} from 'node:crypto';
import {createReadStream} from 'node:fs';

/** SHA-256 of a file, or of a part of it, hexadecimal. */
export async function sha256Of(
  path: string,
  part?: {readonly offset: number; readonly size: number},
): Promise<string> {
  const hash = createHash('sha256');
  if (part?.size === 0) return hash.digest('hex');
  const range = part ? {start: part.offset, end: part.offset + part.size - 1} : {};
  for await (const chunk of createReadStream(path, {highWaterMark: 1 << 20, ...range})) hash.update(chunk);
  return hash.digest('hex');
}
