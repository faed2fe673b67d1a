import {readFileSync} from 'node:fs';
import {processesOf} from './cgroups.ts';

/** The pid of a host's process 1, as the machine sees it; `undefined` where there is none. */
export function initOf(unit: string): number | undefined {
  return processesOf(unit).find((pid) => isInit(statusOf(pid)));
}

/** One level below this program: containers in the host have a process 1 too, further down. */
export function isInit(status: string): boolean {
  const levels = /^NSpid:\t(.*)$/m.exec(status)?.[1]?.split('\t') ?? [];
  return levels.length === 2 && levels[1] === '1';
}

function statusOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/status`, 'utf8');
  } catch {
    return '';
  }
}
