// A registry with the images of an OCI archive: node registry.mjs ARCHIVE ADDRESS PORT. Prints its port once it listens; 0 is any.
import {readFileSync} from 'node:fs';
import {createServer} from 'node:http';

const [archive, address, port] = process.argv.slice(2);

/** The members of a tar without long names. */
function membersOf(bytes) {
  const members = new Map();
  for (let at = 0; bytes[at]; ) {
    const name = bytes.toString('utf8', at, at + 100).replace(/\0.*$/s, '');
    const size = Number.parseInt(bytes.toString('latin1', at + 124, at + 135), 8);
    members.set(name, bytes.subarray(at + 512, at + 512 + size));
    at += 512 + Math.ceil(size / 512) * 512;
  }
  return members;
}

const members = membersOf(readFileSync(archive));
const {manifests} = JSON.parse(String(members.get('index.json')));

/** By tag there is but one. */
function found(path) {
  const [, kind, version] = /^\/v2\/.+\/(manifests|blobs)\/([^/?]+)/.exec(path) ?? [];
  const digest = kind === 'manifests' && !version.startsWith('sha256:') ? manifests[0].digest : version;
  const type = digest === manifests[0].digest ? manifests[0].mediaType : 'application/octet-stream';
  return {body: members.get(`blobs/${digest?.replace(':', '/')}`), digest, type};
}

const server = createServer(({url, method}, response) => {
  if (url === '/v2/') return response.end('{}');
  const {body, digest, type} = found(url);
  if (!body) return response.writeHead(404).end();
  const headers = {'content-type': type, 'content-length': body.length, 'docker-content-digest': digest};
  response.writeHead(200, headers).end(method === 'HEAD' ? undefined : body);
}).listen(Number(port), address, () => console.log(`listening ${server.address().port}`));
