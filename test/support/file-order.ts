import {BaseSequencer, type TestSpecification} from 'vitest/node';
import {sha256Hex} from '../../src/base/sha256-hex.ts';

/** They take longer than all others: begun last, one of them would run alone in the end. */
const LONGEST = ['test/lab/ha.test.ts', 'test/lab/changes.test.ts'];

/** Files in an order that the seed decides, behind the longest ones. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const {seed} = this.ctx.config.sequence;
    const place = ({moduleId}: TestSpecification): string =>
      LONGEST.some((file) => moduleId.endsWith(file)) ? '' : sha256Hex(`${seed} ${moduleId}`);
    return files.toSorted((a, b) => (place(a) < place(b) ? -1 : 1));
  }
}
