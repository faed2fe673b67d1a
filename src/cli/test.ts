import {writeFile} from 'node:fs/promises';
import {startOf} from '../catalog/read.ts';
import type {Diagnostic} from '../diagnostics/diagnostic.ts';
import {renderAll} from '../diagnostics/render.ts';
import {count} from '../report/host-list.ts';
import {NO_COLOUR, type Palette} from '../report/palette.ts';
import {unifiedDiff} from '../report/unified-diff.ts';
import {type FoundCase, findCases} from '../role-tests/find-cases.ts';
import {type CaseResult, runCase} from '../role-tests/run-case.ts';
import {updatedText} from '../role-tests/updated-text.ts';
import type {YamlMap} from '../yaml/node.ts';
import {EXIT} from './exit-codes.ts';
import {commandLineMistake, Mistake} from './mistakes.ts';
import {paletteOf} from './reporting.ts';
import type {World} from './world.ts';

export interface TestFlags {
  readonly update?: boolean;
}

/** Where a project has its roles. */
const ROLES = 'roles';

/** `provision test [PATH...]`: whether the plans of roles for recorded hosts are what is written beside them. */
export async function test(paths: readonly string[], flags: TestFlags, world: World): Promise<number> {
  const cases = await casesOf(paths.length === 0 ? [ROLES] : paths);
  const run = new TestRun(flags, world);
  for (const each of cases) await run.one(each);
  return run.end(['provision test --update', ...paths].join(' '));
}

async function casesOf(paths: readonly string[]): Promise<readonly FoundCase[]> {
  const found = await Promise.all(paths.map(findCases));
  const mistakes = found.flatMap((each) =>
    'problem' in each ? [commandLineMistake(each.problem, each.hint)] : [],
  );
  if (mistakes.length > 0) throw new Mistake(...mistakes.flatMap(({diagnostics}) => diagnostics));
  const cases = found.flatMap((each) => ('cases' in each ? each.cases : []));
  if (cases.length > 0) return [...new Map(cases.map((each) => [each.file, each])).values()];
  throw commandLineMistake(
    `No role in ${paths.join(', ')} has tests.`,
    'Write roles/NAME/test/CASE.yaml with "summary" and "inventory", and `provision test --update` writes its plan.',
  );
}

type Ending = 'ok' | 'failed' | 'updated' | 'mistaken';

/** The cases of a run, one behind the other. */
class TestRun {
  readonly #flags: TestFlags;
  readonly #world: World;
  readonly #palette: Palette;
  readonly #diagnostics: Diagnostic[] = [];
  readonly #endings: Ending[] = [];

  constructor(flags: TestFlags, world: World) {
    this.#flags = flags;
    this.#world = world;
    this.#palette = paletteOf(world.out, world);
  }

  async one(found: FoundCase): Promise<void> {
    const result = await runCase(found, this.#world.env);
    this.#diagnostics.push(...result.problems);
    const ending = await this.#endOf(found, result);
    this.#endings.push(ending);
    const {good, caution, bad, faint} = this.#palette;
    const paint = {ok: good, updated: caution, failed: bad, mistaken: bad}[ending];
    const about = result.summary === '' ? '' : `: ${result.summary}`;
    this.#world.out.write(`${paint(ending.padEnd(8))} ${found.role}${about} ${faint(`(${found.file})`)}\n`);
    if (ending === 'failed') this.#writeDifference(found, result);
  }

  async #endOf({file}: FoundCase, {read, now, expected}: CaseResult): Promise<Ending> {
    if (!read || now === undefined) return 'mistaken';
    if (expected?.trimEnd() === now.trimEnd()) return 'ok';
    if (this.#flags.update === true) {
      const text = updatedText(read.root, now);
      if (text === undefined) return this.#mistake(read.root, BRACES);
      await write(file, text);
      return 'updated';
    }
    if (expected !== undefined) return 'failed';
    return this.#mistake(read.root, {
      code: 'E104',
      detail: 'The test says no "plan" that the one of now could be compared with.',
      hint: `Let it be written, and read it: provision test --update ${file}`,
    });
  }

  #mistake({range}: YamlMap, told: Pick<Diagnostic, 'code' | 'detail' | 'hint'>): Ending {
    this.#diagnostics.push({severity: 'error', range: startOf(range), ...told});
    return 'mistaken';
  }

  #writeDifference({file}: FoundCase, {expected, now}: CaseResult): void {
    const ended = (text = ''): string => `${text.trimEnd()}\n`;
    const texts = {path: file, before: ended(expected), after: ended(now)};
    const lines = unifiedDiff(texts, this.#palette).map((line) => `  ${line}\n`);
    this.#world.out.write(lines.join(''));
  }

  /** What is wrong in a file is told behind all others: they were tried all the same. `update` writes these anew. */
  end(update: string): number {
    this.#world.out.write(`${this.#sum()}\n`);
    if (this.#diagnostics.some(({severity}) => severity === 'error')) throw new Mistake(...this.#diagnostics);
    if (this.#diagnostics.length > 0) {
      const color = paletteOf(this.#world.err, this.#world) !== NO_COLOUR;
      this.#world.err.write(`${renderAll(this.#diagnostics, {color})}\n`);
    }
    if (!this.#endings.includes('failed')) return EXIT.done;
    this.#world.out.write(`Where the new plan is what is meant: ${update}\n`);
    return EXIT.failed;
  }

  #sum(): string {
    const all: readonly Ending[] = ['ok', 'updated', 'failed', 'mistaken'];
    const parts = all.flatMap((ending) => {
      const number = this.#endings.filter((each) => each === ending).length;
      return number === 0 ? [] : [`${number} ${ending}`];
    });
    return `${count(this.#endings.length, 'test')}: ${parts.join(', ')}.`;
  }
}

const BRACES = {
  code: 'E105',
  detail: 'The plan cannot be written into a map in braces.',
  hint: 'Write each property of the test on a line of its own.',
} as const;

async function write(file: string, text: string): Promise<void> {
  try {
    await writeFile(file, text);
  } catch (error) {
    throw commandLineMistake(`The test cannot be written: ${String(error)}.`);
  }
}
