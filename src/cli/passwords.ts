import {readFile} from 'node:fs/promises';
import {Secret} from '../base/secret.ts';
import type {Host} from '../model/host.ts';
import type {ConnectionFlags} from './flags.ts';
import {commandLineMistake} from './mistakes.ts';
import type {World} from './world.ts';

/** What was typed, or read from a file or the environment: never from an argument, which everybody can read. */
export interface Passwords {
  readonly login: Secret | undefined;
  readonly become: Secret | undefined;
}

export async function passwordsOf(flags: ConnectionFlags, world: World): Promise<Passwords> {
  const login = await passwordOf(
    {
      file: flags.connectionPasswordFile,
      variable: 'PROVISION_CONNECTION_PASSWORD',
      question: flags.askPass === true ? 'Password of the login: ' : undefined,
    },
    world,
  );
  const become = await passwordOf(
    {
      file: flags.becomePasswordFile,
      variable: 'PROVISION_BECOME_PASSWORD',
      question:
        flags.askBecomePass === true ? `Password of sudo${login ? ' (empty: the same)' : ''}: ` : undefined,
    },
    world,
  );
  return {login, become: become?.reveal() === '' ? login : become};
}

interface Source {
  readonly file: string | undefined;
  readonly variable: string;
  readonly question: string | undefined;
}

/** The most explicit way wins: a question, a file, the environment. */
async function passwordOf({file, variable, question}: Source, world: World): Promise<Secret | undefined> {
  if (question !== undefined) return asked(question, world);
  if (file !== undefined) return readPassword(file);
  const value = world.env[variable];
  return value === undefined ? undefined : new Secret(value);
}

async function asked(question: string, world: World): Promise<Secret | undefined> {
  if (!world.isInteractive) {
    throw commandLineMistake(
      'There is no terminal on which to ask for a password.',
      'Use --become-password-file or --connection-password-file, for example with /dev/fd/3.',
    );
  }
  const answer = await world.askSecret(question);
  return answer === undefined ? undefined : new Secret(answer);
}

async function readPassword(file: string): Promise<Secret> {
  try {
    const text = await readFile(file, 'utf8');
    return new Secret(text.replace(/\r?\n$/, ''));
  } catch (error) {
    throw commandLineMistake(
      `The password cannot be read: ${error instanceof Error ? error.message : 'unknown'}.`,
    );
  }
}

/** A host that declares a password of its own keeps it. */
export function withPasswords(hosts: readonly Host[], {login, become}: Passwords): readonly Host[] {
  return hosts.map((host) => {
    const {connection} = host;
    const password = connection.password ?? login;
    const sudo = {...connection.become, password: connection.become.password ?? become};
    return {...host, connection: {...connection, password, become: sudo}};
  });
}
