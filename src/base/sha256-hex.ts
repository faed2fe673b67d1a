import {createHash} from 'node:crypto';

/** SHA-256 of bytes, or of text in UTF-8, hexadecimal. */
export const sha256Hex = (content: Uint8Array | string): string =>
  createHash('sha256').update(content).digest('hex');
