import {mkdtempSync, realpathSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';

/** A directory that is gone with its scope. */
export class TempDir implements Disposable {
  readonly path = realpathSync(mkdtempSync(join(tmpdir(), 'provision-')));

  at(...names: readonly string[]): string {
    return join(this.path, ...names);
  }

  [Symbol.dispose](): void {
    rmSync(this.path, {recursive: true, force: true});
  }
}
