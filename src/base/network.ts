import {isIPv4, isIPv6} from 'node:net';

/** Whether a text is a network as Kubernetes reads it: `10.233.0.0/18`, with no bit behind its prefix. */
export function isNetwork(text: string): boolean {
  const [, address = '', length = ''] = /^([0-9A-Fa-f:.]+)\/(0|[1-9]\d{0,2})$/.exec(text) ?? [];
  const bits = bitsOf(address);
  const prefix = Number(length);
  return bits !== undefined && prefix <= bits.length && !bits.slice(prefix).includes('1');
}

function bitsOf(address: string): string | undefined {
  if (isIPv4(address)) return binary(address.split('.').map(Number), 8);
  // What ends in an IPv4 address is one of a few ranges that nobody gives to pods or services.
  return isIPv6(address) && !address.includes('.') ? binary(groupsOf(address), 16) : undefined;
}

/** The eight numbers of an IPv6 address; `::` stands for those that are left out. */
function groupsOf(address: string): readonly number[] {
  const [front = [], back = []] = address
    .split('::')
    .map((half) => half.split(':').filter((group) => group !== ''))
    .map((half) => half.map((group) => Number.parseInt(group, 16)));
  return [...front, ...Array.from({length: 8 - front.length - back.length}, () => 0), ...back];
}

const binary = (numbers: readonly number[], width: number): string =>
  numbers.map((number) => number.toString(2).padStart(width, '0')).join('');
