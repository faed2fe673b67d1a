import clusterGate from './cluster-gate.ts';
import commandWindow from './command-window.ts';
import type {BracketDefinition} from './define.ts';
import fileFlag from './file-flag.ts';
import kubeadmCertificateKey from './kubeadm-certificate-key.ts';
import kubeadmToken from './kubeadm-token.ts';

/** Every bracket type, by its kind, in the order of the alphabet. */
export const BRACKETS: ReadonlyMap<string, BracketDefinition> = new Map(
  [clusterGate, commandWindow, fileFlag, kubeadmCertificateKey, kubeadmToken].map((type) => [
    type.kind,
    type,
  ]),
);
