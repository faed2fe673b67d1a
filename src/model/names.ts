import type {Brand} from '../base/brand.ts';

export type HostName = Brand<string, 'HostName'>;
export type GroupName = Brand<string, 'GroupName'>;

/**
 * `<host|group>/<play>/<role>[.entrypoint]/<task>[<loop key>]`: stable between runs, printed in plans,
 * accepted by `--target`. The loop's key, never its index.
 */
export type TaskId = Brand<string, 'TaskId'>;
