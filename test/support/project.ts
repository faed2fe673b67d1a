import {mkdir, mkdtemp, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {dirname, join} from 'node:path';

/** A small project in a directory of its own, which goes when the test ends: `await using project = …`. */
export class TempProject implements AsyncDisposable {
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  /** With these files, by their paths below the project's folder. */
  static async of(files: Readonly<Record<string, string>>): Promise<TempProject> {
    const project = new TempProject(await mkdtemp(join(tmpdir(), 'provision-project-')));
    await project.write(files);
    return project;
  }

  async write(files: Readonly<Record<string, string>>): Promise<void> {
    for (const [path, text] of Object.entries(files)) {
      await mkdir(dirname(this.path(path)), {recursive: true});
      await writeFile(this.path(path), text);
    }
  }

  path(...parts: readonly string[]): string {
    return join(this.folder, ...parts);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.folder, {recursive: true, force: true});
  }
}
