import {expect, test} from 'vitest';
import {readRequest} from '../../src/facts/certificate-request.ts';
import {kubeletRequests} from '../../src/facts/kubelet-requests.ts';
import {unknown} from '../../src/model/answer.ts';

// Made by openssl: of a node, of a node that wants more, and of somebody else.
const OF_A_NODE = `-----BEGIN CERTIFICATE REQUEST-----
MIIBJDCBygIBADAwMRUwEwYDVQQKDAxzeXN0ZW06bm9kZXMxFzAVBgNVBAMMDnN5
c3RlbTpub2RlOncxMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE52EB5Q1H+LIR
jo3tiBoONVXMK3fOg/Vb2sQz0+4dItznKkf/1qfcpE9VWeMMLIYOE3aLvf0ADqSZ
maqhNxH63aA4MDYGCSqGSIb3DQEJDjEpMCcwJQYDVR0RBB4wHIICdzGHBAoAAAyH
ECABDbgAAAAAAAAAAAAAAAcwCgYIKoZIzj0EAwIDSQAwRgIhAI7VzRl6sEcxpIMF
HPcKGP4XYAFivKD2jbHBvAgIh/4kAiEA9neGT5re9m7RqhseJaH8vEOFAjdMBqCr
EnbD5YRV9YU=
-----END CERTIFICATE REQUEST-----
`;
const WITH_MORE = `-----BEGIN CERTIFICATE REQUEST-----
MIIBKzCB0wIBADAwMRUwEwYDVQQKDAxzeXN0ZW06bm9kZXMxFzAVBgNVBAMMDnN5
c3RlbTpub2RlOncxMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE52EB5Q1H+LIR
jo3tiBoONVXMK3fOg/Vb2sQz0+4dItznKkf/1qfcpE9VWeMMLIYOE3aLvf0ADqSZ
maqhNxH63aBBMD8GCSqGSIb3DQEJDjEyMDAwIAYDVR0RBBkwF4ICdzGGCnNwaWZm
ZTovL3iBBWFAYi5jMAwGA1UdEwQFMAMBAf8wCgYIKoZIzj0EAwIDRwAwRAIgfJ0L
OU2C8p/36IPDG3r8OMAIsTGYzQ+ViwgU3yJqjiUCIG058+YqNRGRjAssLNL7+Ih4
+XVCbcgxUvc6/4Lk5h99
-----END CERTIFICATE REQUEST-----
`;
const PLAIN = `-----BEGIN CERTIFICATE REQUEST-----
MIHKMHICAQAwEDEOMAwGA1UEAwwFcGxhaW4wWTATBgcqhkjOPQIBBggqhkjOPQMB
BwNCAATnYQHlDUf4shGOje2IGg41Vcwrd86D9VvaxDPT7h0i3OcqR//Wp9ykT1VZ
4wwshg4Tdou9/QAOpJmZqqE3EfrdoAAwCgYIKoZIzj0EAwIDSAAwRQIhAJhVFSEo
ALkEMG1Zagi5yk1xnVuHUoH8J9kV/g7n1YpoAiAdVj/dn0J01YpS4VRMr0itQSf7
s7rOc5dM/0bjAIfk3Q==
-----END CERTIFICATE REQUEST-----
`;
const SUBJECT = ['2.5.4.10=system:nodes', '2.5.4.3=system:node:w1'];

test.each([
  [OF_A_NODE, {subject: SUBJECT, names: ['w1', '10.0.0.12', '2001:db8::7'], others: []}],
  [
    WITH_MORE,
    {subject: SUBJECT, names: ['w1'], others: ['2.5.29.19', 'a name of the sort 6', 'a name of the sort 1']},
  ],
  [PLAIN, {subject: ['2.5.4.3=plain'], names: [], others: []}],
])('a request says who asks, and for which names: %#', (pem, expected) => {
  expect(readRequest(pem)).toEqual(expected);
});

test('what is no request, or only a part of one, is not read', () => {
  const [, body = ''] = /-----\n(.*)-----END/s.exec(OF_A_NODE) ?? [];
  const bytes = Buffer.from(body, 'base64');
  const pemOf = (part: Uint8Array): string =>
    `-----BEGIN CERTIFICATE REQUEST-----\n${Buffer.from(part).toString('base64')}\n-----END CERTIFICATE REQUEST-----\n`;
  expect(readRequest(pemOf(bytes))).toBeDefined();
  for (const length of bytes.keys()) expect(readRequest(pemOf(bytes.subarray(0, length)))).toBeUndefined();
  expect(readRequest('no PEM')).toBeUndefined();
});

const query = kubeletRequests('/etc/kubernetes/admin.conf', 'w1');
const row = (...fields: readonly string[]): string => `${fields.join('\t')}\n`;
const answerTo = (output: string): unknown =>
  query.kind.parse(new TextEncoder().encode(output), [query.key])[0];
const REQUEST = Buffer.from(OF_A_NODE).toString('base64');

test('of all requests those of the node are told that nobody has decided about', () => {
  const groups = '["system:nodes","system:authenticated"]';
  const usages = '["digital signature","server auth"]';
  const rows = [
    row('csr-a', 'system:node:w1', groups, usages, REQUEST, ''),
    row('csr-b', 'system:node:w1', groups, usages, REQUEST, 'Approved'),
    row('csr-c', 'system:node:w10', groups, usages, REQUEST, ''),
    row('csr-d', 'system:node:w1', '', usages, 'bm9uZQ==', ''),
  ];
  expect(answerTo(`${rows.join('')}done\0`)).toMatchObject({
    state: 'known',
    value: [
      {
        name: 'csr-a',
        groups: ['system:nodes', 'system:authenticated'],
        usages: ['digital signature', 'server auth'],
      },
      {name: 'csr-d', groups: [], request: undefined},
    ],
  });
});

test('that kubectl fails is not taken for that nobody asks', () => {
  expect(answerTo('\0')).toEqual(unknown('kubectl gave no answer'));
});
