import {X509Certificate} from 'node:crypto';
import type {Certificate} from '../../facts/certificate.ts';
import {oneWay} from '../../facts/certificate.ts';
import type {ChangeDetail} from '../../model/change.ts';
import type {CertificateSpec, Usage} from './spec.ts';

/** What a host says of a certificate, its key, and whoever signs it. */
export interface Found {
  readonly certificate: Certificate | undefined;
  readonly end: 'near' | 'far' | undefined;
  readonly key: string | undefined;
  readonly authority: Certificate | undefined;
}

const USAGE_IDS: Readonly<Record<Usage, string>> = {
  server: '1.3.6.1.5.5.7.3.1',
  client: '1.3.6.1.5.5.7.3.2',
};

/** Why a certificate is made, or made again; none: it is as wanted. */
export function reasonsFor(spec: CertificateSpec, found: Found): readonly ChangeDetail[] {
  const {certificate} = found;
  if (!certificate) return [{attribute: 'certificate', before: undefined, after: nameOf(spec)}];
  const read = new X509Certificate(certificate.pem);
  return [
    ...differing('name', nameIn(read), nameOf(spec)),
    ...differing('names', sorted(certificate.names), sorted(spec.names.map(oneWay))),
    ...differing('usages', sorted(read.keyUsage ?? []), sorted(spec.usages.map((usage) => USAGE_IDS[usage]))),
    ...differing('private key', found.key, certificate.public_key_sha256, 'its own'),
    ...(found.end === 'near' ? [{attribute: 'end', before: certificate.not_after, after: 'later'}] : []),
    ...signature(spec, read, found.authority),
  ];
}

function differing(
  attribute: string,
  before: string | undefined,
  wanted: string,
  after: string = wanted,
): readonly ChangeDetail[] {
  return before === wanted ? [] : [{attribute, before, after}];
}

const sorted = (names: readonly string[]): string => [...new Set(names)].sort().join(', ');

function signature(
  {authority}: CertificateSpec,
  read: X509Certificate,
  signer: Certificate | undefined,
): readonly ChangeDetail[] {
  const by = signer ? new X509Certificate(signer.pem) : authority ? undefined : read;
  if (by && read.checkIssued(by) && read.verify(by.publicKey)) return [];
  return [{attribute: 'signed by', before: 'somebody else', after: authority?.path ?? 'itself'}];
}

/** As Node writes a subject: a line for each part, organization first. */
const nameOf = ({common_name, organization}: CertificateSpec): string =>
  [...(organization === '' ? [] : [`O=${organization}`]), `CN=${common_name}`].join(', ');
const nameIn = ({subject}: X509Certificate): string => subject.split('\n').join(', ');
