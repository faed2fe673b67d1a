import {PROFILE, parseProfile} from '../facts/profile.ts';
import type {FactQuery} from '../model/fact.ts';
import type {Host} from '../model/host.ts';
import type {HostProfile} from '../model/profile.ts';
import {TransportError} from '../model/transport.ts';
import {awaitAllJobs} from '../shell/jobs.ts';
import type {Session, Transport} from '../shell/session.ts';
import {ask} from './ask.ts';
import {KnownHost} from './known-host.ts';

/** What is asked of a host, by user. */
export type Inquiries = ReadonlyMap<string | undefined, readonly FactQuery[]>;

/** Connects, and asks in one round trip what the host is and all that can be asked before that is known. */
export async function reach(host: Host, transport: Transport, inquiries: Inquiries): Promise<KnownHost> {
  const session = await transport.connect(host);
  try {
    const users = [...inquiries.keys()];
    const main = mainUserOf(host, users);
    const [profile, jobs, ...facts] = await Promise.all([
      readProfile(session, main),
      readLeftJobs(session, main),
      ...users.map((user) => ask(inquiries.get(user) ?? [], session, user)),
    ]);
    const known = new KnownHost(host, session, profile, main);
    known.leftJobs = jobs;
    for (const [index, user] of users.entries()) known.facts(user).learn(facts[index] ?? []);
    return known;
  } catch (error) {
    await session.close();
    throw error;
  }
}

/** Who tasks run as unless they say otherwise; others may not be there yet. */
function mainUserOf(
  {connection: {become}}: Host,
  users: readonly (string | undefined)[],
): string | undefined {
  const usual = become.enabled ? become.user : undefined;
  return users.includes(usual) ? usual : users[0];
}

/** What a host is; also how a reconnect finds out whether it was restarted. */
export async function readProfile(session: Session, user: string | undefined): Promise<HostProfile> {
  const shell = await session.shell(user);
  const result = await shell.send(PROFILE, {onFailure: 'go-on', timeoutMs: 30_000});
  if (result === 'skipped' || result.exitCode !== 0) {
    const said = result === 'skipped' ? '' : new TextDecoder().decode(result.stderr).trim();
    throw new TransportError('missing-tool', `The host could not be looked at. ${said}`);
  }
  return parseProfile(result.stdout);
}

/** A package manager that a dead run started may take as long as package managers take. */
const LEFT_JOB_TIMEOUT_MS = 1_800_000;

/** Waits for what a dead run left running: while it runs, facts mean nothing. Gives the names of what it left. */
export async function readLeftJobs(session: Session, user: string | undefined): Promise<readonly string[]> {
  const shell = await session.shell(user);
  const result = await shell.send(awaitAllJobs, {onFailure: 'go-on', timeoutMs: LEFT_JOB_TIMEOUT_MS});
  if (result === 'skipped') return [];
  return new TextDecoder().decode(result.stdout).split('\n').filter(Boolean);
}
