import {parseDuration} from '../base/duration.ts';
import {certificate} from '../facts/certificate.ts';
import {certificateEnd} from '../facts/certificate-end.ts';
import {privateKey} from '../facts/private-key.ts';
import {secretFile} from '../facts/secret-file.ts';
import {followed} from '../facts/stat.ts';
import {unknown, valueOf} from '../model/answer.ts';
import {NOTHING, type Verdict} from '../model/change.ts';
import {type FactQuery, type Facts, fact} from '../model/fact.ts';
import {accountsOf, attributeDetails, attributeSteps, wantedOf} from './attributes.ts';
import {makeCertificate} from './certificate/program.ts';
import {type Found, reasonsFor} from './certificate/reasons.ts';
import {ALGORITHMS, type CertificateSpec, USAGES} from './certificate/spec.ts';
import {defineResource} from './define.ts';
import {duration, GROUP, OWNER, path} from './schemas.ts';
import {firstUnknown, seen} from './seen.ts';

/** An authority of its own, which never ends: `openssl req -x509` made it for the examples. */
const AUTHORITY = {
  public_key_sha256: '412cf6323bd8cb7dd66e45a5baf2072bd3b3d961a0316193112c98a167d39945',
  names: [],
  not_after: '2126-10-28T13:24:49.000Z',
  pem: `-----BEGIN CERTIFICATE-----
MIIBkDCCATegAwIBAgIUCyzPZu3e/NgP85BpB8hlTnuJbuAwCgYIKoZIzj0EAwIw
FTETMBEGA1UEAwwKZXhhbXBsZS1jYTAgFw0yNjExMjExMzI0NDlaGA8yMTI2MTAy
ODEzMjQ0OVowFTETMBEGA1UEAwwKZXhhbXBsZS1jYTBZMBMGByqGSM49AgEGCCqG
SM49AwEHA0IABIf4bxwpwBPXVCmiQCGz1KMIKxR2T+LqJY+Md/ETnNLcbx08LcbG
26S8sZ1Fd1xo4MUQ4O+vojW8QnPwY75b4LOjYzBhMB0GA1UdDgQWBBQusWmXI6Gw
0b+qTBZQsPM8iZaPMTAfBgNVHSMEGDAWgBQusWmXI6Gw0b+qTBZQsPM8iZaPMTAP
BgNVHRMBAf8EBTADAQH/MA4GA1UdDwEB/wQEAwICBDAKBggqhkjOPQQDAgNHADBE
AiAb7N+1OYi70E5K6BF8aAYC31y65Y38kUURazg92DtyAQIgSC/QjJf7ncaEGZc9
S04uSbDV4oi4+1E548cdyrfeW+g=
-----END CERTIFICATE-----
`,
};
const KEY_MODE = '0600';
const SPEC = {path: '/etc/pki/ca.crt', private_key: '/etc/pki/ca.key', common_name: 'example-ca'};
const MEMBER = {
  path: '/etc/pki/web.crt',
  private_key: '/etc/pki/web.key',
  authority: {path: SPEC.path, private_key: SPEC.private_key},
  common_name: 'web',
  names: ['web.example.org', '192.0.2.7'],
};
const FAR = 30 * 24 * 3600;

/** A certificate and its key, as they lie there once they are made. */
const made = (end: 'near' | 'far') => [
  fact(certificate(SPEC.path), AUTHORITY),
  fact(certificateEnd(SPEC.path, FAR), end),
  fact(privateKey(SPEC.private_key), {public_key_sha256: AUTHORITY.public_key_sha256}),
  fact(followed(SPEC.private_key), {type: 'file', mode: KEY_MODE, owner: 0, group: 0}),
];

export default defineResource<CertificateSpec>({
  kind: 'certificate',
  summary:
    'A certificate and its private key, made on the host and signed there by an authority of yours; or that authority.',

  schema: {
    type: 'object',
    required: ['path', 'private_key', 'common_name'],
    additionalProperties: false,
    properties: {
      path: path('Where the certificate is. Its directory must be there.'),
      private_key: path('Where its private key is. Only its owner may read it.'),
      authority: {
        description: 'Who signs it. Without one it is an authority itself, and signs others.',
        type: 'object',
        required: ['path', 'private_key'],
        additionalProperties: false,
        properties: {
          path: path('Where the certificate of the authority is, on the same host.'),
          private_key: path('Where the private key of the authority is.'),
        },
      },
      common_name: {description: 'Whose it is.', type: 'string', pattern: '^[A-Za-z0-9 ._:@-]{1,64}$'},
      organization: {
        description: 'The group that it is a member of.',
        type: 'string',
        pattern: '^[A-Za-z0-9 ._:@-]{0,64}$',
        default: '',
      },
      names: {
        description: 'Names and addresses that it is for. One may be said twice.',
        type: 'array',
        items: {type: 'string', pattern: '^(\\*\\.)?[A-Za-z0-9:][A-Za-z0-9.:_-]*$'},
        default: [],
      },
      usages: {
        description: 'Which side of a connection it proves. An authority has none.',
        type: 'array',
        uniqueItems: true,
        items: {enum: USAGES},
        default: [],
      },
      algorithm: {
        description: 'How a new key is made. Another one here makes no new key.',
        enum: ALGORITHMS,
        default: 'ECDSA-P256',
      },
      validity: duration('How long a new one holds.', '8760h'),
      renew_before: duration('A run that comes so long before its end makes a new one.', '720h'),
      owner: {...OWNER, description: 'Who owns both files.', default: 'root'},
      group: {...GROUP, description: 'The group of both files.', default: 'root'},
      shares_key: {
        description: 'Whether the private key is an output, for hosts that are to have it as well.',
        type: 'boolean',
        default: false,
      },
    },
  },

  key: (spec) => `path:${spec.path}`,

  validate({validity, renew_before, authority, usages}) {
    if (seconds(renew_before) >= seconds(validity))
      return '`renew_before` has to be shorter than `validity`.';
    return authority || usages.length === 0 ? undefined : 'An authority has no `usages`.';
  },

  facts: (spec) => [...looked(spec), ...(spec.shares_key ? [secretFile(spec.private_key)] : [])],

  diff(spec, facts) {
    const hidden = firstUnknown(facts, looked(spec));
    if (hidden) return hidden;
    const found = foundBy(spec, facts);
    // A new key would make all that the old one has signed worthless.
    if (!spec.authority && found.certificate && !found.key)
      return unknown(
        `the private key of the authority ${spec.path} is not there: bring ${spec.private_key} back`,
      );
    const details = reasonsFor(spec, found);
    if (details.length === 0) return attributesOf(spec, facts);
    return {
      action: found.certificate ? 'update' : 'create',
      details,
      impact: 'none',
      steps: [makeCertificate(spec, seconds(spec.validity))],
      touches: touchedBy(spec),
      predicts: [],
      proof: 'facts',
    };
  },

  mayTouch: (spec) => touchedBy(spec),

  outputs: {
    schema: {
      type: 'object',
      properties: {
        certificate: {description: 'The certificate, as PEM.', type: 'string'},
        private_key: {description: 'Its private key, as PEM.', type: 'string', 'x-secret': true},
      },
    },
    read(spec, facts) {
      const found = facts.get(certificate(spec.path));
      if (found.state === 'unknown') return found;
      const pem = valueOf(found)?.pem;
      if (pem === undefined) return unknown('it is not made yet');
      if (!spec.shares_key) return {certificate: pem};
      const key = facts.get(secretFile(spec.private_key));
      if (key.state === 'unknown') return key;
      if (key.state === 'absent') return unknown('its private key is not made yet');
      return {certificate: pem, private_key: key.value};
    },
  },

  /** Where both are already, nobody makes another one. */
  suits: (spec, facts) => {
    if (firstUnknown(facts, looked(spec))) return false;
    const {certificate: found, key} = foundBy(spec, facts);
    return found !== undefined && found.public_key_sha256 === key;
  },

  examples: [
    {
      title: 'makes an authority',
      spec: SPEC,
      facts: [],
      action: 'create',
      commands: ['openssl ca -in /etc/pki/ca.crt'],
    },
    {
      title: 'makes a certificate that the authority signs',
      spec: {...MEMBER, usages: ['server', 'client']},
      facts: [fact(certificate(SPEC.path), AUTHORITY)],
      action: 'create',
      commands: ['openssl ca -in /etc/pki/web.crt'],
    },
    {
      title: 'leaves one alone that holds for long',
      spec: SPEC,
      facts: made('far'),
      action: 'none',
      commands: [],
    },
    {
      title: 'renews one before it ends',
      spec: SPEC,
      facts: made('near'),
      action: 'update',
      commands: ['openssl ca -in /etc/pki/ca.crt'],
    },
  ],
});

const seconds = (text: string | number): number => Math.round((parseDuration(text) ?? 0) / 1000);

const looked = (spec: CertificateSpec): readonly FactQuery[] => [
  certificate(spec.path),
  certificateEnd(spec.path, seconds(spec.renew_before)),
  privateKey(spec.private_key),
  followed(spec.private_key),
  ...accountsOf(spec),
  ...(spec.authority ? [certificate(spec.authority.path)] : []),
];

const touchedBy = ({path: at, private_key}: CertificateSpec) =>
  [`path:${at}`, `path:${private_key}`] as const;

const foundBy = (spec: CertificateSpec, facts: Facts): Found => ({
  certificate: seen(facts, certificate(spec.path)),
  end: seen(facts, certificateEnd(spec.path, seconds(spec.renew_before))),
  key: seen(facts, privateKey(spec.private_key))?.public_key_sha256,
  authority: spec.authority && seen(facts, certificate(spec.authority.path)),
});

/** Of the key: the certificate may be read by everybody. */
function attributesOf(spec: CertificateSpec, facts: Facts): Verdict {
  const found = seen(facts, followed(spec.private_key));
  const attributes = {owner: spec.owner, group: spec.group, mode: KEY_MODE};
  const wanted = wantedOf(attributes, facts, {bits: 0, isDirectory: false});
  if ('reason' in wanted) return wanted;
  const details = attributeDetails(found, wanted, attributes);
  if (details.length === 0) return NOTHING;
  return {
    action: 'update',
    details,
    impact: 'none',
    steps: attributeSteps([spec.private_key], found, wanted, attributes),
    touches: [`path:${spec.private_key}`],
    predicts: [],
    proof: 'facts',
  };
}
