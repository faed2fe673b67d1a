import {readFileSync, writeFileSync} from 'node:fs';
import {expect, test} from 'vitest';
import {certificate, oneWay} from '../../src/facts/certificate.ts';
import {ABSENT, unknown} from '../../src/model/answer.ts';
import {askShell} from '../support/ask.ts';
import {SHELLS} from '../support/local-shell.ts';
import {TempDir} from '../support/temp-dir.ts';

const PEM = readFileSync(`${import.meta.dirname}/../fixtures/certificate/example.crt`, 'utf8');

test.each(SHELLS)('what a certificate says is read, and nothing else of its file: %s', async (_, open) => {
  await using shell = open();
  using dir = new TempDir();
  const [own, odd, empty] = [dir.at('own.pem'), dir.at('odd.pem'), dir.at('empty.pem')];
  writeFileSync(own, `-----BEGIN PRIVATE KEY-----\nMIIB\n-----END PRIVATE KEY-----\n${PEM}`);
  writeFileSync(odd, '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n');
  writeFileSync(empty, '');
  const answers = await askShell([own, odd, empty, dir.at('none')].map(certificate), shell);
  expect(answers).toEqual([
    {
      state: 'known',
      value: {
        public_key_sha256: 'f3f4802db7b2ffcb777fa151212d4868a1ee201384eaf1e916d43355cdf3bb7d',
        names: ['api.example.org', '192.0.2.7', '2001:db8::7'],
        not_after: expect.stringMatching(/^2126-.*Z$/),
        pem: PEM,
      },
    },
    unknown('its certificate cannot be read'),
    unknown('there is no certificate in it'),
    ABSENT,
  ]);
});

test.each([
  ['2001:DB8:0:0::7', '2001:db8::7'],
  ['API.example.org', 'api.example.org'],
  ['192.0.2.7', '192.0.2.7'],
])('%s is known as %s', (name, known) => {
  expect(oneWay(name)).toBe(known);
});
