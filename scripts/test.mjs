// `npm test`: the checks, the unit tests and the lab tests, and how long each took.
import {spawnSync} from 'node:child_process';
import {mkdtempSync, readFileSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {ensurePackages} from './needs.mjs';

const isCi = process.env.CI === 'true';
const reports = mkdtempSync(join(tmpdir(), 'provision-test-'));
const suites = [];
const counts = {passed: 0, failed: 0, skipped: 0};

function suite(name, run) {
  const startedAt = Date.now();
  console.log(`\n== ${name}`);
  const ok = run();
  suites.push({name, ok, seconds: (Date.now() - startedAt) / 1000});
}

const npm = (...args) => spawnSync('npm', args, {stdio: 'inherit'}).status === 0;

const node = (...args) => spawnSync(process.execPath, args, {stdio: 'inherit'}).status === 0;

async function hasLab() {
  const {labSupport} = await import('../dist/lab/support.js');
  return labSupport().ok;
}

function vitest(project) {
  const report = join(reports, `${project}.json`);
  const args = [
    'vitest',
    'run',
    '--project',
    project,
    '--reporter=default',
    '--reporter=json',
    '--outputFile.json',
    report,
  ];
  const ok = spawnSync('npx', args, {stdio: 'inherit'}).status === 0;
  try {
    const {numPassedTests, numFailedTests, numPendingTests, testResults} = JSON.parse(
      readFileSync(report, 'utf8'),
    );
    counts.passed += numPassedTests;
    counts.failed += numFailedTests;
    counts.skipped += numPendingTests;
    return skipsAreFine(project, testResults) && ok;
  } catch {
    console.error(`The ${project} tests left no report.`);
    counts.failed += 1;
    return false;
  }
}

/** Somewhere else a lab test that cannot run is skipped by name and reason; in CI that is a failure. */
function skipsAreFine(project, files) {
  const skipped = files.flatMap(({assertionResults}) =>
    assertionResults.filter(({status}) => status === 'pending' || status === 'skipped'),
  );
  for (const {fullName} of skipped) console.log(`skipped: ${fullName}`);
  if (!isCi || project !== 'lab' || skipped.length === 0) return true;
  console.error(`In CI every lab test has to run: ${skipped.length} did not.`);
  counts.failed += skipped.length;
  return false;
}

const ready = await ensurePackages({yes: isCi || process.argv.includes('--yes')});
if (!ready && isCi) process.exit(1);
suite('build', () => npm('run', '--silent', 'build'));
suite('checks', () => npm('run', '--silent', 'check'));
suite('unit', () => vitest('unit'));
// What the hosts of the lab run is built first, so that no test waits for a compiler.
if (await hasLab()) suite('artifacts', () => node('test/lab/artifacts/build.mjs', '--set', 'all'));
suite('lab', () => vitest('lab'));
rmSync(reports, {recursive: true});

console.log('\nTime of each suite');
for (const {name, ok, seconds} of suites)
  console.log(`  ${ok ? 'ok    ' : 'FAILED'} ${name.padEnd(9)} ${seconds.toFixed(1)} s`);
console.log(`\n${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
process.exit(suites.every(({ok}) => ok) ? 0 : 1);
