import type {JsonSchema} from '../../model/resource.ts';
import {RECORDED} from './record.ts';

export const CRI_SOCKET: JsonSchema = {
  description: 'The socket of the container runtime.',
  type: 'string',
  default: 'unix:///run/containerd/containerd.sock',
};

export const INCLUDES: JsonSchema = {
  description: 'The phases that are done with it, as `kubeadm_phase` would record them.',
  type: 'array',
  items: {
    type: 'object',
    required: ['name', 'compare'],
    additionalProperties: false,
    properties: RECORDED,
  },
  default: [],
};

export const ETCD: JsonSchema = {
  description:
    'Whose etcd it is: `local`: kubeadm makes a member on the host. `external`: what is in /var/lib/etcd belongs to a service that kubeadm knows nothing of.',
  enum: ['local', 'external'],
  default: 'local',
};
