import {isIP} from 'node:net';
import {dirname} from 'node:path';
import type {Script} from '../../base/script.ts';
import {sh} from '../../shell/sh.ts';
import type {Algorithm, CertificateSpec} from './spec.ts';

const KEY_OPTIONS: Readonly<Record<Algorithm, readonly string[]>> = {
  'ECDSA-P256': [
    '-algorithm',
    'EC',
    '-pkeyopt',
    'ec_paramgen_curve:P-256',
    '-pkeyopt',
    'ec_param_enc:named_curve',
  ],
  'ECDSA-P384': [
    '-algorithm',
    'EC',
    '-pkeyopt',
    'ec_paramgen_curve:P-384',
    '-pkeyopt',
    'ec_param_enc:named_curve',
  ],
  'RSA-2048': ['-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:2048'],
  'RSA-3072': ['-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:3072'],
  'RSA-4096': ['-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:4096'],
};

/** Clocks of hosts differ a little: a certificate holds since a while before it was made. */
const BACKDATED_SECONDS = 300;

/**
 * Makes a certificate, and a key for it. The key is put in place first: where a run dies between the two, they do
 * not belong together, and both are made again. What an authority signed has to stay valid: its key is kept.
 */
export function makeCertificate(spec: CertificateSpec, validitySeconds: number): Script {
  const {path, private_key: key, authority, owner, group} = spec;
  const work = `${dirname(path)}/.making-${path.slice(path.lastIndexOf('/') + 1)}`;
  const signer = authority ?? {path: '', private_key: key};
  const script = sh`(
umask 077
PATH=$PATH:/usr/local/bin
command -v openssl >/dev/null || { echo 'There is no openssl on this host' >&2; exit 1; }
work=${work}
rm -rf -- "$work" && mkdir -- "$work" || exit
trap 'rm -rf -- "$work"' EXIT
authority=${signer.path}
if [ -z "$authority" ] && [ -s ${key} ]; then cp -- ${key} "$work"/key || exit
else openssl genpkey ${KEY_OPTIONS[spec.algorithm]} -out "$work"/key 2>/dev/null || { echo 'openssl makes no key' >&2; exit 1; }
fi
: >"$work"/index
{ printf 01; openssl rand -hex 15; } >"$work"/serial || exit
printf '%s' ${settings(spec)} >"$work"/settings
stamp() { date -u -d "@$1" +%Y%m%d%H%M%SZ; }
now=$(date +%s)
if [ -n "$authority" ]; then set -- -cert "$authority" -keyfile ${signer.private_key}
else set -- -selfsign -keyfile "$work"/key
fi
cd "$work" || exit
openssl req -new -config settings -key key -out request 2>errors &&
  openssl ca -config settings -batch -notext -preserveDN "$@" -in request -out certificate \\
    -startdate "$(stamp $((now - ${BACKDATED_SECONDS})))" -enddate "$(stamp $((now + ${validitySeconds})))" 2>errors
ended=$?
[ "$ended" = 0 ] || { cat errors >&2; exit "$ended"; }
chown ${`${owner}:${group}`} key && chmod 0644 certificate && chown ${`${owner}:${group}`} certificate &&
  mv -f key ${key} && mv -f certificate ${path}
)`;
  return {...script, display: sh`openssl ca -in ${path}`.display};
}

/** What openssl reads: who it is for and what for. Nothing of it is a secret. */
function settings({authority, common_name, organization, names, usages}: CertificateSpec): string {
  const lines = [
    ['[req]', 'prompt = no', 'distinguished_name = name', 'string_mask = utf8only', '[name]'],
    organization === '' ? [] : [`O = ${organization}`],
    [`CN = ${common_name}`, '[ca]', 'default_ca = this', '[this]', 'database = index', 'new_certs_dir = .'],
    [
      'default_md = sha256',
      'policy = any',
      'unique_subject = no',
      'serial = serial',
      'x509_extensions = extensions',
    ],
    ['[any]', 'organizationName = optional', 'commonName = supplied', '[extensions]'],
    authority
      ? ['basicConstraints = critical,CA:false', 'keyUsage = critical,digitalSignature,keyEncipherment']
      : [
          'basicConstraints = critical,CA:true',
          'keyUsage = critical,digitalSignature,keyEncipherment,keyCertSign',
        ],
    ['subjectKeyIdentifier = hash', ...(authority ? ['authorityKeyIdentifier = keyid'] : [])],
    usages.length === 0 ? [] : [`extendedKeyUsage = ${usages.map((usage) => `${usage}Auth`).join(',')}`],
    names.length === 0 ? [] : [`subjectAltName = ${[...new Set(names.map(alternative))].join(',')}`],
  ];
  return `${lines.flat().join('\n')}\n`;
}

const alternative = (name: string): string => `${isIP(name) ? 'IP' : 'DNS'}:${name}`;
