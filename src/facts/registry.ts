import type {FactQuery} from '../model/fact.ts';
import {account} from './account.ts';
import {content} from './content.ts';
import {digest} from './digest.ts';
import {inode} from './inode.ts';
import {packageState} from './package.ts';
import {output, probe} from './probe.ts';
import {port} from './port.ts';
import {readlink} from './readlink.ts';
import {followed, stat} from './stat.ts';
import {sysctl} from './sysctl.ts';
import {listing, tree} from './tree.ts';
import {unit, unitFile} from './unit.ts';

/** What a `check` or a role's `present_if` may ask about, by the name of the kind. */
export const FACT_KINDS: ReadonlyMap<string, (key: string) => FactQuery> = new Map<
  string,
  (key: string) => FactQuery
>([
  ['account', account],
  ['content', content],
  ['digest', digest],
  ['followed', followed],
  ['inode', inode],
  ['listing', listing],
  ['output', output],
  ['package', packageState],
  ['port', port],
  ['probe', probe],
  ['readlink', readlink],
  ['stat', stat],
  ['sysctl', sysctl],
  ['tree', tree],
  ['unit', unit],
  ['unit_file', unitFile],
]);
