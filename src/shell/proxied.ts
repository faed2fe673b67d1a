import type {Script} from '../base/script.ts';
import type {Proxies} from '../model/step.ts';
import {sh} from './sh.ts';

/**
 * What comes before a command that is to go through proxies. In its environment: a proxy may have a password in it, and arguments
 * can be read by everybody. curl takes these names in small letters alone.
 */
export const proxied = ({http = '', https = '', no = ''}: Proxies = {}): Script =>
  sh`${http === '' ? sh`` : sh`http_proxy=${http} `}${https === '' ? sh`` : sh`https_proxy=${https} `}${no === '' ? sh`` : sh`no_proxy=${no} `}`;
