import {HelperMistake} from './helper.ts';

interface Version {
  readonly numbers: readonly number[];
  /** Behind a dash: older than the version without it. */
  readonly early: string | undefined;
}

/** Whether a version is this one or a later one: `1.36.4` is at least `1.36`, `2.3.0-rc.1` is not at least `2.3`. */
export function versionAtLeast(version: string, minimum: string): boolean {
  const [is, least] = [parse(version), parse(minimum)];
  const length = Math.max(is.numbers.length, least.numbers.length);
  for (let index = 0; index < length; index++) {
    const difference = (is.numbers[index] ?? 0) - (least.numbers[index] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  if (is.early === undefined || least.early === undefined) return is.early === undefined;
  return is.early.localeCompare(least.early, 'en', {numeric: true}) >= 0;
}

/** The first two numbers of a version: `1.36` of `v1.36.4`. */
export function minorOf(version: string): string {
  return parse(version).numbers.slice(0, 2).join('.');
}

function parse(text: string): Version {
  const found = /^v?(\d+(?:\.\d+)*)(?:-([0-9A-Za-z._-]+))?(?:\+[0-9A-Za-z._-]*)?$/.exec(text);
  if (!found) throw new HelperMistake('This is not a version: numbers with dots between them are.');
  return {numbers: (found[1] ?? '').split('.').map(Number), early: found[2]};
}
