import {writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {loginKey} from './keys.ts';
import {addressOf} from './network.ts';
import {labFolder} from './places.ts';
import type {LabState} from './state.ts';

/** The inventory that `lab run` adds to the user's own: where the hosts are, and what opens them. */
export async function writeInventory(state: LabState): Promise<void> {
  await writeFile(join(labFolder(state.name), 'inventory.yaml'), inventoryText(state));
}

/** JSON texts are YAML texts, and need no thought about quoting. */
export function inventoryText({name, hosts}: LabState): string {
  return [
    `# Written by \`provision lab up\`: how the hosts of the lab "${name}" are reached.`,
    'all:',
    '  vars:',
    '    ansible_user: root',
    `    ansible_ssh_private_key_file: ${JSON.stringify(loginKey(name))}`,
    '  hosts:',
    ...hosts.map((host) => `    ${host.name}: {ansible_host: ${addressOf(host.index)}}`),
    '',
  ].join('\n');
}
