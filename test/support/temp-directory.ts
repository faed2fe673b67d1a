import {mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';

/** A directory that is gone when the test is over. */
export class TempDirectory implements Disposable {
  readonly path: string = mkdtempSync(join(tmpdir(), 'provision-test-'));

  join(...names: readonly string[]): string {
    return join(this.path, ...names);
  }

  [Symbol.dispose](): void {
    rmSync(this.path, {recursive: true, force: true});
  }
}
