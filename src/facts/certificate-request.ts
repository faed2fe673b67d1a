import {isIPv6} from 'node:net';
import {type Der, objectIdentifier, readDer} from '../base/der.ts';
import {oneWay} from './certificate.ts';

/** What somebody wants a certificate for. */
export interface CertificateRequest {
  /** The parts of the name, in order: `2.5.4.10=system:nodes`, `2.5.4.3=system:node:w1`. */
  readonly subject: readonly string[];
  /** DNS names and addresses. */
  readonly names: readonly string[];
  /** Names of another sort, and extensions besides: `2.5.29.19`. */
  readonly others: readonly string[];
}

const EXTENSIONS = '1.2.840.113549.1.9.14';
const ALTERNATIVE_NAMES = '2.5.29.17';
const [DNS, ADDRESS] = [0x82, 0x87];

/** A request (PKCS #10) in PEM; `undefined` where it is none. */
export function readRequest(pem: string): CertificateRequest | undefined {
  const [, body] = /-----BEGIN CERTIFICATE REQUEST-----([^-]*)-----END/.exec(pem) ?? [];
  if (body === undefined) return undefined;
  try {
    return requestIn(Buffer.from(body, 'base64'));
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function requestIn(bytes: Uint8Array): CertificateRequest {
  const [, subject, , ...attributes] = inside(inside(only(readDer(bytes)))[0]);
  const extensions = attributes.flatMap(inside).flatMap(extensionsIn);
  const named = extensions.filter(({id}) => id === ALTERNATIVE_NAMES).flatMap(({value}) => inside(value));
  const isName = ({tag}: Der): boolean => tag === DNS || tag === ADDRESS;
  return {
    subject: inside(subject).flatMap(inside).map(partOf),
    names: named.filter(isName).map(nameOf),
    others: [
      ...extensions.filter(({id}) => id !== ALTERNATIVE_NAMES).map(({id}) => id),
      ...named.filter((name) => !isName(name)).map(({tag}) => `a name of the sort ${tag & 0x1f}`),
    ],
  };
}

function inside(value: Der | undefined): readonly Der[] {
  if (!value) throw new RangeError('a part is missing');
  return readDer(value.content);
}

function only([value]: readonly Der[]): Der {
  if (!value) throw new RangeError('a part is missing');
  return value;
}

function partOf(part: Der): string {
  const [id, value] = inside(part);
  return `${objectIdentifier(only(id ? [id] : []))}=${new TextDecoder().decode(value?.content)}`;
}

/** Of an attribute that asks for extensions: each with what it holds. */
function extensionsIn(attribute: Der): readonly {readonly id: string; readonly value: Der}[] {
  const [id, values] = inside(attribute);
  if (!id || objectIdentifier(id) !== EXTENSIONS) return [];
  return inside(values)
    .flatMap(inside)
    .map((extension) => {
      const parts = inside(extension);
      const held = parts.at(-1);
      return {id: objectIdentifier(only(parts)), value: only(held ? readDer(held.content) : [])};
    });
}

function nameOf({tag, content}: Der): string {
  if (tag === DNS) return oneWay(new TextDecoder().decode(content));
  if (content.length === 4) return content.join('.');
  const groups = Array.from({length: 8}, (_, index) =>
    ((content[2 * index] ?? 0) * 256 + (content[2 * index + 1] ?? 0)).toString(16),
  ).join(':');
  return isIPv6(groups) ? oneWay(groups) : groups;
}
