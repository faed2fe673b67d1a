import ipaddr from 'ipaddr.js';
import {type Helper, HelperMistake, number, text, textOf, truth} from './helper.ts';
import {TEXT, WHOLE_NUMBER} from './type-only.ts';

/** Sums on addresses, for IPv4 and IPv6 alike. */
export const CIDR_HELPERS: readonly (readonly [string, Helper])[] = [
  [
    'cidr_host',
    {
      usage: 'cidr_host NETWORK NUMBER',
      summary: 'The address with this number in the network; negative numbers count from its end.',
      args: [2, 2],
      takes: [TEXT, WHOLE_NUMBER],
      gives: text,
      run: ([network, number]) => hostIn(networkOf(network), integer(number)),
    },
  ],
  [
    'cidr_subnet',
    {
      usage: 'cidr_subnet NETWORK BITS NUMBER',
      summary: 'The subnet with this number, where its prefix is so many bits longer.',
      args: [3, 3],
      takes: [TEXT, WHOLE_NUMBER, WHOLE_NUMBER],
      gives: text,
      run: ([network, bits, number]) => subnetOf(networkOf(network), integer(bits), integer(number)),
    },
  ],
  [
    'cidr_contains',
    {
      usage: 'cidr_contains NETWORK ADDRESS',
      summary: 'Whether the address, or the whole of another network, lies in the network.',
      args: [2, 2],
      takes: [TEXT, TEXT],
      gives: truth,
      run: ([network, address]) => contains(networkOf(network), networkOf(address)),
    },
  ],
  [
    'cidr_overlaps',
    {
      usage: 'cidr_overlaps NETWORK OTHER',
      summary: 'Whether an address lies in both networks.',
      args: [2, 2],
      takes: [TEXT, TEXT],
      gives: truth,
      run: ([network, other]) => overlaps(networkOf(network), networkOf(other)),
    },
  ],
  [
    'cidr_prefix',
    {
      usage: 'cidr_prefix NETWORK',
      summary: 'The length of the prefix, as a number.',
      args: [1, 1],
      takes: [TEXT],
      gives: number,
      run: ([network]) => networkOf(network).prefix,
    },
  ],
  [
    'ip_family',
    {
      usage: 'ip_family ADDRESS',
      summary: '4 or 6, of an address or a network.',
      args: [1, 1],
      takes: [TEXT],
      gives: number,
      run: ([address]) => (networkOf(address).bits === 32 ? 4 : 6),
    },
  ],
];

interface Network {
  /** The address as a number, with the bits of the host. */
  readonly address: bigint;
  readonly prefix: number;
  /** 32 or 128. */
  readonly bits: number;
}

/** An address alone is a network of one. */
function networkOf(value: unknown): Network {
  const [text = '', length, ...more] = textOf(value).split('/');
  if (more.length > 0 || !isAddress(text)) throw new HelperMistake('This is not an address or a network.');
  const bytes = ipaddr.parse(text).toByteArray();
  const bits = bytes.length * 8;
  const prefix = length === undefined ? bits : Number(length);
  if (!/^\d*$/.test(length ?? '') || length === '' || prefix > bits)
    throw new HelperMistake(`The length of a prefix is a number from 0 to ${bits}.`);
  return {address: bytes.reduce((sum, byte) => sum * 256n + BigInt(byte), 0n), prefix, bits};
}

/** ipaddr.js also reads `10.1` and `010.0.0.1`, which tools understand differently. */
const isAddress = (text: string): boolean =>
  ipaddr.IPv4.isValidFourPartDecimal(text) ||
  (text.includes(':') && ipaddr.IPv6.isValid(text) && !text.includes('%'));

const sizeOf = ({prefix, bits}: Network): bigint => 1n << BigInt(bits - prefix);

const baseOf = (network: Network): bigint => (network.address / sizeOf(network)) * sizeOf(network);

function hostIn(network: Network, number: number): string {
  const size = sizeOf(network);
  const place = number < 0 ? size + BigInt(number) : BigInt(number);
  if (place < 0n || place >= size) throw new HelperMistake(`The network has only ${size} addresses.`);
  return format(baseOf(network) + place, network.bits);
}

function subnetOf(network: Network, more: number, number: number): string {
  const prefix = network.prefix + more;
  if (more < 0 || prefix > network.bits)
    throw new HelperMistake(`A prefix has at most ${network.bits} bits.`);
  if (number < 0 || BigInt(number) >= 1n << BigInt(more))
    throw new HelperMistake(`There are only ${1n << BigInt(more)} such subnets.`);
  const size = 1n << BigInt(network.bits - prefix);
  return `${format(baseOf(network) + BigInt(number) * size, network.bits)}/${prefix}`;
}

const contains = (outer: Network, inner: Network): boolean =>
  outer.bits === inner.bits &&
  inner.prefix >= outer.prefix &&
  baseOf({...inner, prefix: outer.prefix}) === baseOf(outer);

const overlaps = (one: Network, other: Network): boolean => contains(one, other) || contains(other, one);

/** IPv6 in its short form (RFC 5952). */
function format(address: bigint, bits: number): string {
  const bytes = Array.from({length: bits / 8}, (_, index) =>
    Number((address >> BigInt(bits - 8 * (index + 1))) & 255n),
  );
  return ipaddr.fromByteArray(bytes).toString();
}

function integer(value: unknown): number {
  if (typeof value === 'number' && Number.isSafeInteger(value)) return value;
  throw new HelperMistake('A whole number is expected here.');
}
