import type {JsonSchema} from '../../model/resource.ts';

export const CRI_SOCKET: JsonSchema = {
  description: 'The socket of the container runtime.',
  type: 'string',
  default: 'unix:///run/containerd/containerd.sock',
};
