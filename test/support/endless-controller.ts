import {userInfo} from 'node:os';
import {sh} from '../../src/shell/sh.ts';
import {SshTransport} from '../../src/transport/ssh-transport.ts';
import {hostAt} from './host-at.ts';

/** A controller in the middle of a step that never ends; prints the process group of that step. */
const [port, privateKeyFile, knownHosts = ''] = process.argv.slice(2);
const transport = new SshTransport({knownHosts: {files: [knownHosts], policy: 'strict'}, identityFiles: []});
const host = hostAt({port: Number(port), user: userInfo().username, privateKeyFile});
const session = await transport.connect(host);
await session.protect();
const shell = await session.shell('nobody');
const group = await shell.send(sh`echo $$`, {onFailure: 'go-on'});
const endless = shell.send(sh`sleep 1000 & sleep 1000 & wait`, {onFailure: 'go-on'});
if (group !== 'skipped') process.stdout.write(group.stdout);
await endless;
