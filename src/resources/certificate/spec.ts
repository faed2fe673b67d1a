/** What a user may say about a certificate. */
export interface CertificateSpec {
  readonly path: string;
  readonly private_key: string;
  readonly authority?: {readonly path: string; readonly private_key: string};
  readonly common_name: string;
  readonly organization: string;
  readonly names: readonly string[];
  readonly usages: readonly Usage[];
  readonly algorithm: Algorithm;
  readonly validity: string | number;
  readonly renew_before: string | number;
  readonly owner: string | number;
  readonly group: string | number;
  readonly shares_key: boolean;
}

export const USAGES = ['server', 'client'] as const;
export type Usage = (typeof USAGES)[number];

/** Called as kubeadm calls them. */
export const ALGORITHMS = ['ECDSA-P256', 'ECDSA-P384', 'RSA-2048', 'RSA-3072', 'RSA-4096'] as const;
export type Algorithm = (typeof ALGORITHMS)[number];
