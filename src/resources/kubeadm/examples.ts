/** Hosts of members, as examples and tests of resources show them. */
export const FILE = {type: 'file', mode: '0600', owner: 0, group: 0} as const;
export const AUTHORITY = {
  public_key_sha256: '8a7f4e2d9c1b3f5a6e8d7c9b0a1f2e3d4c5b6a7988f7e6d5c4b3a29180706f5e',
  names: [],
  not_after: '2036-01-01T00:00:00.000Z',
  pem: '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n',
};
