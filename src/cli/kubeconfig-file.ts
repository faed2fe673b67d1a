import {constants} from 'node:fs';
import {mkdir, open, readFile, realpath, rename, rm} from 'node:fs/promises';
import {homedir} from 'node:os';
import {delimiter, dirname, join} from 'node:path';
import {isJsonObject, type Json, jsonAt} from '../base/json.ts';
import {amended} from '../yaml/amend.ts';
import {readDocuments} from '../yaml/documents.ts';
import {commandLineMistake} from './mistakes.ts';
import type {World} from './world.ts';

/** How somebody gets into a cluster: what one context of a kubeconfig stands for. */
export interface Access {
  /** Of the cluster and of the context. */
  readonly name: string;
  readonly server: string;
  /** Base64 of PEM, as everything that follows. */
  readonly authority: string;
  readonly certificate: string;
  readonly key: string;
}

/** What `kubectl` reads first. */
export function usualKubeconfig({env}: World): string {
  const [first = ''] = (env['KUBECONFIG'] ?? '').split(delimiter).filter((path) => path !== '');
  return first === '' ? join(env['HOME'] ?? homedir(), '.kube', 'config') : first;
}

/** A kubeconfig with this access in it, and all else that was there. */
export function kubeconfigWith(text: string, access: Access, file: string): string {
  const {name, server, authority, certificate, key} = access;
  const user = `${name}-admin`;
  if (text !== '') refuseAnother(text, access, file);
  const result = amended(text, {
    defaults: {apiVersion: 'v1', kind: 'Config', 'current-context': name},
    items: {
      clusters: {name, cluster: {server, 'certificate-authority-data': authority}},
      users: {name: user, user: {'client-certificate-data': certificate, 'client-key-data': key}},
      contexts: {name, context: {cluster: name, user}},
    },
  });
  if ('text' in result) return result.text;
  throw commandLineMistake(`"${file}" is no kubeconfig: ${result.problem}`, 'Nothing was changed.');
}

/** What has our name and is another cluster is somebody's way into that. */
function refuseAnother(text: string, {name, authority}: Access, file: string): void {
  const documents = readDocuments(text);
  const [config] = typeof documents === 'string' ? [] : documents;
  const clusters = jsonAt(config, 'clusters');
  const found = listOf(clusters).find((each) => jsonAt(each, 'name') === name);
  const known = jsonAt(found, 'cluster', 'certificate-authority-data');
  if (found === undefined || known === authority) return;
  throw commandLineMistake(
    `"${file}" has another cluster named "${name}".`,
    'Give this one a name of its own: --name NAME',
  );
}

const listOf = (value: Json | undefined): readonly Json[] =>
  (Array.isArray(value) ? value : []).filter(isJsonObject);

/** The text of a file; empty where there is none. */
export async function textOf(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (isCode(error, 'ENOENT')) return '';
    throw unwritable(file, error);
  }
}

/**
 * Changes a kubeconfig under the lock that kubectl takes too. Readers see the old file or the new one, which only
 * its owner may read; a link stays a link.
 */
export async function changeKubeconfig(path: string, change: (text: string) => string): Promise<void> {
  await mkdir(dirname(path), {recursive: true, mode: 0o700});
  const file = await realpath(path).catch(() => path);
  const lock = `${file}.lock`;
  await create(lock, '').catch((error: unknown) => {
    throw isCode(error, 'EEXIST')
      ? commandLineMistake(`"${file}" is being changed: there is "${lock}".`, 'Remove it where nobody does.')
      : unwritable(file, error);
  });
  try {
    await replace(file, change(await textOf(file)));
  } finally {
    await rm(lock, {force: true});
  }
}

/** Writes a file that only its owner may read, whole or not at all. */
async function replace(file: string, text: string): Promise<void> {
  const next = `${file}.new`;
  try {
    await rm(next, {force: true});
    await create(next, text);
    await rename(next, file);
  } catch (error) {
    await rm(next, {force: true});
    throw unwritable(file, error);
  }
}

async function create(file: string, text: string): Promise<void> {
  const handle = await open(file, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o600);
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

const isCode = (error: unknown, code: string): boolean =>
  error instanceof Error && 'code' in error && error.code === code;

const unwritable = (file: string, error: unknown): Error =>
  commandLineMistake(
    `"${file}" cannot be changed: ${error instanceof Error ? error.message : 'why is unknown'}.`,
  );
