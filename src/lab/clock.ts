import {LabError} from './lab-error.ts';
import {runOn} from './ready.ts';
import type {HostState} from './state.ts';

/** Stands before the real one in everybody's PATH. The linker itself replaces $LIB. */
const dateAt = (offset: string): string => `#!/bin/sh
LD_PRELOAD='/usr/$LIB/faketime/libfaketime.so.1' FAKETIME=${offset} exec /usr/bin/date "$@"
`;

/** Makes `date` in a host tell another time than the machine's; an offset of 0 ends it. */
export async function setClock(lab: string, host: HostState, offsetSeconds: number): Promise<void> {
  const offset = `${offsetSeconds < 0 ? '' : '+'}${Math.trunc(offsetSeconds)}`;
  const write = `cat > /usr/local/bin/date <<'END' && chmod 0755 /usr/local/bin/date\n${dateAt(offset)}END`;
  const {code, stderr} = await runOn(lab, host, offsetSeconds === 0 ? 'rm -f /usr/local/bin/date' : write);
  if (code !== 0) throw new LabError(`The clock of ${host.name} cannot be set.\n${stderr}`);
}
