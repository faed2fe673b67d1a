// Stands between the controller and the hosts, and keeps every byte back for half a round trip in each direction.
// usage: delay-proxy.mjs RTT_MS FIRST_PORT ADDRESS… : port FIRST_PORT + n leads to address n, port 22.
import net from 'node:net';
import {Transform} from 'node:stream';

const [rtt, firstPort, ...addresses] = process.argv.slice(2);
const halfMs = Number(rtt) / 2;

/** Chunks keep their order: each is due a fixed time after it came. */
function delayed() {
  return new Transform({
    highWaterMark: 1 << 22,
    transform(chunk, _encoding, done) {
      setTimeout(() => this.push(chunk), halfMs);
      done();
    },
    flush(done) {
      setTimeout(done, halfMs);
    },
  });
}

let ready = 0;
for (const [index, address] of addresses.entries()) {
  const server = net.createServer({noDelay: true, allowHalfOpen: true}, (near) => {
    const far = net.connect({host: address, port: 22, noDelay: true, allowHalfOpen: true});
    for (const socket of [near, far]) {
      socket.on('error', () => {
        near.destroy();
        far.destroy();
      });
    }
    near.pipe(delayed()).pipe(far);
    far.pipe(delayed()).pipe(near);
  });
  server.listen(Number(firstPort) + index, '127.0.0.1', () => {
    ready += 1;
    if (ready === addresses.length) console.log('ready');
  });
}
