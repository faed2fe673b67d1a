import type {Transport} from '../shell/session.ts';

/** Reaches each host in the way that its connection says. What a way needs is loaded when it is first taken. */
export function transportTo(ways: Readonly<Record<'ssh' | 'local', () => Promise<Transport>>>): Transport {
  const taken = new Map<string, Promise<Transport>>();
  return {
    async connect(host) {
      const {transport: way} = host.connection;
      const found = taken.get(way) ?? ways[way]();
      taken.set(way, found);
      return (await found).connect(host);
    },
  };
}
