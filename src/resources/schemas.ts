import {MODE_PATTERN} from '../base/file-mode.ts';
import type {JsonSchema} from '../model/resource.ts';

/** Absolute, and one way to write it: two tasks for one path must have one key. */
export const PATH_PATTERN = '^/$|^(/(?!\\.{1,2}(/|$))[^/\\u0000]+)+$';

/** An absolute path on the host. */
export const path = (description: string): JsonSchema => ({
  description: `${description} Absolute, without \`..\` and without a slash at the end.`,
  type: 'string',
  pattern: PATH_PATTERN,
});

/** Names of nodes are those of DNS, in small letters. */
export const NODE_NAME_PATTERN = '^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$';

const ACCOUNT: JsonSchema = {
  type: ['string', 'integer'],
  pattern: '^([A-Za-z_][A-Za-z0-9_.-]*\\$?|[0-9]+)$',
  minimum: 0,
};

export const OWNER: JsonSchema = {description: 'Name or number of the user that owns it.', ...ACCOUNT};
export const GROUP: JsonSchema = {description: 'Name or number of the group that owns it.', ...ACCOUNT};
export const MODE: JsonSchema = {
  description: 'Permissions: octal as text (`"0644"`), or as chmod reads them (`u=rwX,go=rX`).',
  type: 'string',
  pattern: MODE_PATTERN,
};

export const SHA256: JsonSchema = {
  description: 'SHA-256 of the content, hexadecimal.',
  type: 'string',
  pattern: '^[0-9a-f]{64}$',
};

/** Who downloads what has an address. */
export const DOWNLOAD: JsonSchema = {
  description:
    'Who downloads what has an address: the `host`, or the `controller`, which keeps it and sends it.',
  enum: ['host', 'controller'],
  default: 'host',
};

export const PROXY: JsonSchema = {
  description:
    'Proxies through which the host downloads. Without them what the environment of its shells says.',
  type: 'object',
  additionalProperties: false,
  properties: {
    http: {description: 'For addresses that begin with http.', type: 'string'},
    https: {description: 'For addresses that begin with https.', type: 'string'},
    no: {description: 'What is reached without: names, addresses and networks, with commas.', type: 'string'},
  },
  default: {},
};

/** "90s", "5m", or a number of seconds. */
export const duration = (description: string, fallback: string): JsonSchema => ({
  description: `${description} As \`90s\`, \`5m\`, \`1h30m\`, or a number of seconds.`,
  type: ['string', 'number'],
  pattern: '^(\\d+(\\.\\d+)?|(\\d+(\\.\\d+)?(ms|s|m|h|d))+)$',
  minimum: 0,
  default: fallback,
});
