import {chmodSync} from 'node:fs';
import process from 'node:process';
import type {TempProject} from '../support/project.ts';

/**
 * What this machine keeps of a run, its lock above all, lies in the project then: other tests run at the same time.
 * Somebody who is not root keeps it below XDG_RUNTIME_DIR.
 */
export async function fakeIdentity(project: TempProject): Promise<void> {
  await project.write({'bin/id': '#!/bin/sh\n[ "$1" = -u ] || exec /usr/bin/id "$@"\necho 54321\n'});
  chmodSync(project.path('bin', 'id'), 0o755);
}

export const envOf = (project: TempProject): Readonly<Record<string, string>> => ({
  PATH: `${project.path('bin')}:${process.env['PATH']}`,
  XDG_RUNTIME_DIR: project.folder,
});
