import {execFileSync} from 'node:child_process';
import {X509Certificate} from 'node:crypto';
import {existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync} from 'node:fs';
import {expect, test} from 'vitest';
import {FactStore} from '../../src/facts/fact-store.ts';
import {isPending, type Verdict} from '../../src/model/change.ts';
import type {Resource} from '../../src/model/resource.ts';
import {isScript} from '../../src/model/step.ts';
import {askShell} from '../support/ask.ts';
import {LocalShell} from '../support/local-shell.ts';
import {bound, contextOf} from '../support/resources.ts';
import {TempDir} from '../support/temp-dir.ts';

const {uid = 0, gid = 0} = {uid: process.getuid?.(), gid: process.getgid?.()};

/** What the host says now, and what has to be done. */
async function decide(resource: Resource): Promise<Verdict> {
  await using shell = new LocalShell(['sh']);
  const answers = await askShell(resource.facts, shell);
  const facts = resource.facts.flatMap((query, index) => {
    const answer = answers[index];
    return answer ? [{query, answer}] : [];
  });
  return resource.diff(new FactStore(facts), contextOf());
}

/** Does what is to be done, and says why it was. */
async function apply(resource: Resource): Promise<readonly string[]> {
  const verdict = await decide(resource);
  if (!isPending(verdict)) throw new Error(`nothing to do: ${JSON.stringify(verdict)}`);
  for (const step of verdict.steps) if (isScript(step)) execFileSync('sh', ['-c', step.wire]);
  return verdict.details.map(({attribute}) => attribute);
}

const authorityIn = (dir: TempDir, more: object = {}): Resource =>
  bound('certificate', {
    path: dir.at('ca.crt'),
    private_key: dir.at('ca.key'),
    common_name: 'test-ca',
    owner: uid,
    group: gid,
    ...more,
  });

const memberIn = (dir: TempDir, more: object = {}): Resource =>
  bound('certificate', {
    path: dir.at('web.crt'),
    private_key: dir.at('web.key'),
    authority: {path: dir.at('ca.crt'), private_key: dir.at('ca.key')},
    common_name: 'web',
    organization: 'servers',
    names: ['web.example.org', '192.0.2.7', '2001:db8::7', '192.0.2.7'],
    usages: ['server', 'client'],
    owner: uid,
    group: gid,
    ...more,
  });

const readAt = (path: string): X509Certificate => new X509Certificate(readFileSync(path));

test('an authority signs a certificate for its names, and nothing is left to do or left behind', async () => {
  using dir = new TempDir();
  expect(await apply(authorityIn(dir))).toEqual(['certificate']);
  expect(await apply(memberIn(dir))).toEqual(['certificate']);
  const [authority, member] = [readAt(dir.at('ca.crt')), readAt(dir.at('web.crt'))];
  expect(authority.ca).toBe(true);
  expect(member.ca).toBe(false);
  expect(member.verify(authority.publicKey)).toBe(true);
  expect(member.checkHost('web.example.org')).toBe('web.example.org');
  expect(Date.parse(member.validFrom)).toBeLessThan(Date.now() - 200_000);
  expect(statSync(dir.at('web.key')).mode & 0o777).toBe(0o600);
  expect(await decide(authorityIn(dir))).toEqual({action: 'none'});
  expect(await decide(memberIn(dir))).toEqual({action: 'none'});
  expect(readdirSync(dir.path).sort()).toEqual(['ca.crt', 'ca.key', 'web.crt', 'web.key']);
});

test('another name, another authority, a lost key and an end that is near each ask for a new one', async () => {
  using dir = new TempDir();
  await apply(authorityIn(dir));
  await apply(memberIn(dir));
  expect(await apply(memberIn(dir, {names: ['other.example.org']}))).toEqual(['names']);
  rmSync(dir.at('web.key'));
  expect(await apply(memberIn(dir, {names: ['other.example.org']}))).toEqual(['private key']);
  const soon = {names: ['other.example.org'], validity: '9000h', renew_before: '8900h'};
  expect(await apply(memberIn(dir, soon))).toEqual(['end']);
  rmSync(dir.at('ca.crt'));
  rmSync(dir.at('ca.key'));
  await apply(authorityIn(dir));
  expect(await apply(memberIn(dir, soon))).toEqual(['signed by']);
});

test('an authority that is renewed keeps its key, so that what it signed stays valid', async () => {
  using dir = new TempDir();
  await apply(authorityIn(dir));
  await apply(memberIn(dir));
  const key = readFileSync(dir.at('ca.key'), 'utf8');
  expect(await apply(authorityIn(dir, {validity: '9000h', renew_before: '8900h'}))).toEqual(['end']);
  expect(readFileSync(dir.at('ca.key'), 'utf8')).toBe(key);
  expect(await decide(memberIn(dir))).toEqual({action: 'none'});
});

test('an authority without its key is left alone, and told', async () => {
  using dir = new TempDir();
  await apply(authorityIn(dir));
  rmSync(dir.at('ca.key'));
  expect(await decide(authorityIn(dir))).toMatchObject({
    state: 'unknown',
    reason: expect.stringContaining('ca.key'),
  });
});

test('what a run that died left in the way is removed', async () => {
  using dir = new TempDir();
  execFileSync('mkdir', [dir.at('.making-ca.crt')]);
  writeFileSync(dir.at('.making-ca.crt/key'), 'half');
  await apply(authorityIn(dir));
  expect(existsSync(dir.at('.making-ca.crt'))).toBe(false);
});
