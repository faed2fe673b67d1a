import {existsSync} from 'node:fs';
import {mkdir, readFile, rm, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {addressOf} from './network.ts';
import {hostFolder, labFolder} from './places.ts';
import {must} from './run.ts';
import type {HostState, LabState} from './state.ts';

/** The private key that opens every host of a lab. */
export const loginKey = (lab: string): string => join(labFolder(lab), 'id_ed25519');
/** The host keys of a lab, by name and address. */
export const knownHosts = (lab: string): string => join(labFolder(lab), 'known_hosts');
/** The host's own private key, outside of the host, so that it stays the same whatever happens in there. */
export const hostKey = (lab: string, host: string): string =>
  join(hostFolder(lab, host), 'ssh_host_ed25519_key');

/** Makes the keys that are missing and writes known_hosts. */
export async function makeKeys({name, hosts}: LabState): Promise<void> {
  await makeKey(loginKey(name), `lab ${name}`);
  await Promise.all(hosts.map((host) => makeKey(hostKey(name, host.name), host.name)));
  const lines = await Promise.all(hosts.map((host) => knownHost(name, host)));
  await writeFile(knownHosts(name), lines.join(''));
}

async function knownHost(lab: string, {name, index}: HostState): Promise<string> {
  const [type, key] = (await readFile(`${hostKey(lab, name)}.pub`, 'utf8')).split(' ');
  return `${name},${addressOf(index)} ${type} ${key}\n`;
}

/** The public half is written last: where it is missing, the private one may be incomplete. */
async function makeKey(file: string, comment: string): Promise<void> {
  if (existsSync(`${file}.pub`)) return;
  await mkdir(join(file, '..'), {recursive: true});
  await rm(file, {force: true});
  await must(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-C', comment, '-f', file]);
}
