import fc from 'fast-check';
import {expect, test} from 'vitest';
import {Secret} from '../../src/base/secret.ts';
import {type Framed, normalizedExitCode, Unframer} from '../../src/shell/framing.ts';
import {sh} from '../../src/shell/sh.ts';
import {LocalShell} from '../support/local-shell.ts';
import {run} from '../support/run.ts';

const NONCE = '0123456789abcdef';

test('parts are found however their stream is cut, also where they look like marks', () => {
  const teasers = ['\n', `\n${NONCE}`, `\n${NONCE.slice(0, 8)}`, ' ', 'x'].map((text) => Buffer.from(text));
  const body = fc
    .array(fc.oneof(fc.uint8Array({maxLength: 20}), fc.constantFrom(...teasers)), {maxLength: 8})
    .map((parts) => Buffer.concat(parts))
    .filter((bytes) => !bytes.includes(`\n${NONCE} `));
  fc.assert(
    fc.property(fc.array(body, {maxLength: 5}), fc.array(fc.integer({min: 1, max: 9})), (bodies, cuts) => {
      const stream = Buffer.concat(bodies.flatMap((bytes, index) => [bytes, mark(index)]));
      const unframer = new Unframer(NONCE);
      const parts = pieces(stream, cuts).flatMap((piece) => unframer.push(piece));
      expect(parts.map(({body}) => body.toString('hex'))).toEqual(
        bodies.map((bytes) => bytes.toString('hex')),
      );
      expect(parts.map(({note}) => note)).toEqual(bodies.map((_, index) => String(index)));
      expect(parts.some(({truncated}) => truncated)).toBe(false);
    }),
  );
});

const mark = (note: number): Buffer => Buffer.from(`\n${NONCE} ${note}\n`);

function pieces(stream: Buffer, cuts: readonly number[]): readonly Buffer[] {
  const parts: Buffer[] = [];
  let at = 0;
  for (const size of cuts) {
    parts.push(stream.subarray(at, at + size));
    at += size;
  }
  return [...parts, stream.subarray(at)];
}

test('what a dead shell said last is kept', () => {
  const unframer = new Unframer(NONCE);
  const parts: readonly Framed[] = unframer.push(Buffer.from(`a\n${NONCE} 0\nlast words`));
  expect(parts).toHaveLength(1);
  expect(unframer.leftover().toString()).toBe('last words');
});

test.each([
  [0, 0],
  [3, 3],
  [255, 255],
  [137, 137],
  [265, 137],
  [393, 137],
  [384 + 15, 128 + 15],
])('the exit code %i of a shell means %i', (code, normalized) => {
  expect(normalizedExitCode(code)).toBe(normalized);
});

test('every word arrives as it is, in the shell', async () => {
  await using shell = new LocalShell();
  const word = fc.string({unit: 'binary', maxLength: 30}).filter((text) => !text.includes('\0'));
  await fc.assert(
    fc.asyncProperty(fc.array(word, {minLength: 1, maxLength: 4}), async (words) => {
      const result = await run(shell, sh`printf '%s\\0' ${words} ${words.map((text) => new Secret(text))}`);
      const expected = [...words, ...words].map((text) => `${text}\0`).join('');
      expect(Buffer.from(result.stdout).toString()).toBe(expected);
    }),
    {numRuns: 60},
  );
});

test('a secret is in what the host gets, and not in what is shown', () => {
  const {wire, display} = sh`login --token ${new Secret("s3'cret")} ${['a b', 'c']}`;
  expect(wire).toBe(`login --token 's3'\\''cret' 'a b' c`);
  expect(display).toBe(`login --token *** 'a b' c`);
});
