import type {Script} from '../base/script.ts';
import {sh} from '../shell/sh.ts';

/**
 * `own_endpoint` passes a configuration of kubeadm on, with the address of the API server that runs here: what is done
 * once for all is configured as the first control plane is, and kubeadm asks the API at that address wherever it runs.
 */
export const ownEndpoint: Script = sh`own_endpoint() {
  _own=$(sed -n 's/^ *- --advertise-address=//p' /etc/kubernetes/manifests/kube-apiserver.yaml 2>/dev/null)
  case $_own in
    '' | *[!0-9A-Fa-f:.]*) cat ;;
    *) sed "s/advertiseAddress: [^,}]*/advertiseAddress: \\"$_own\\"/" ;;
  esac
}`;
