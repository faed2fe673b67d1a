/** A value of ASN.1 in its distinguished encoding: https://www.itu.int/rec/T-REC-X.690. */
export interface Der {
  /** Class, form and number in one octet: 0x30 is a sequence, 0x80 the first tag of a context. */
  readonly tag: number;
  readonly content: Uint8Array;
}

/** The values that stand one after the other; throws a RangeError where the bytes are no such values. */
export function readDer(bytes: Uint8Array): readonly Der[] {
  const values: Der[] = [];
  for (let at = 0; at < bytes.length; ) {
    const {tag, from, to} = header(bytes, at);
    values.push({tag, content: bytes.subarray(from, to)});
    at = to;
  }
  return values;
}

function header(
  bytes: Uint8Array,
  at: number,
): {readonly tag: number; readonly from: number; readonly to: number} {
  const [tag = 0, first = 0] = bytes.subarray(at);
  const octets = first < 0x80 ? 0 : first - 0x80;
  const from = at + 2 + octets;
  const size = octets === 0 ? first : sizeIn(bytes.subarray(at + 2, from));
  // Tags of several octets and lengths without a number stand in no certificate.
  if ((tag & 0x1f) === 0x1f || first === 0x80 || octets > 3 || from + size > bytes.length) {
    throw new RangeError('this is not DER');
  }
  return {tag, from, to: from + size};
}

const sizeIn = (octets: Uint8Array): number => octets.reduce((size, octet) => size * 256 + octet, 0);

/** An object identifier as people write it: `2.5.29.17`. */
export function objectIdentifier({content}: Der): string {
  const [first = 0, ...rest] = content;
  const top = Math.min(Math.floor(first / 40), 2);
  const numbers = [top, first - top * 40];
  let number = 0;
  for (const octet of rest) {
    number = number * 128 + (octet & 0x7f);
    if (octet >= 0x80) continue;
    numbers.push(number);
    number = 0;
  }
  return numbers.join('.');
}
