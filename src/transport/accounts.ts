import type {Script} from '../base/script.ts';
import type {Connection} from '../model/host.ts';
import {isTransportError} from '../model/transport.ts';
import type {Channel} from '../shell/channel.ts';
import {BOOT_COMMAND, bootLine, RESIDENT_COMMAND, residentShell, switchUser} from './boot.ts';
import type {Opener} from './opener.ts';
import {openSudo} from './sudo.ts';
import {openSudoOnTerminal} from './sudo-terminal.ts';

/** How the login becomes a user: by sudo, then, as root, by switching; or not at all. */
export interface Route {
  readonly sudo: string | undefined;
  readonly switch: string | undefined;
}

/** Who can be whom on one host, and how. */
export class Accounts {
  readonly #opener: Opener;
  readonly #connection: Connection;
  readonly #login: string | undefined;
  /** Known from the first refusal on: `requiretty`. */
  #wantsTerminal = false;

  constructor(opener: Opener, connection: Connection, login = connection.user) {
    this.#opener = opener;
    this.#connection = connection;
    this.#login = login;
  }

  /** Who takes the lock: whoever tasks run as unless they say otherwise. */
  get principal(): string | undefined {
    const {enabled, user} = this.#connection.become;
    return enabled ? this.nameOf(user) : undefined;
  }

  /** The login has no name here, so that it has one shell and not two. */
  nameOf(user: string | undefined): string | undefined {
    return user === this.#login ? undefined : user;
  }

  route(user: string | undefined): Route {
    const name = this.nameOf(user);
    if (name === undefined) return {sudo: undefined, switch: undefined};
    if (this.#login === 'root') return {sudo: undefined, switch: name};
    const viaRoot = this.#connection.become.user === 'root' && name !== 'root';
    return viaRoot ? {sudo: 'root', switch: name} : {sudo: name, switch: undefined};
  }

  /** Whose life-line may end what runs at the end of a route: root may end all. Few channels are to be had. */
  guardOf(route: Route): string | undefined {
    const {enabled, user} = this.#connection.become;
    const rootIsSure = enabled && user === 'root';
    return route.sudo ?? (rootIsSure ? this.nameOf('root') : undefined);
  }

  /** A channel whose program is `program`, run by the user at the end of the route. */
  async open({sudo, switch: target}: Route, program: Script): Promise<Channel> {
    const channel = sudo === undefined ? await this.#direct() : await this.#sudo(sudo);
    if (target !== undefined) channel.write(bootLine(switchUser(target)));
    channel.write(bootLine(program));
    return channel;
  }

  async resident(route: Route): Promise<Channel> {
    if (route.sudo !== undefined || route.switch !== undefined) return await this.open(route, residentShell);
    return await this.#opener.open(RESIDENT_COMMAND, 'streams');
  }

  async #direct(): Promise<Channel> {
    return await this.#opener.open(BOOT_COMMAND, 'streams');
  }

  async #sudo(user: string): Promise<Channel> {
    const sudo = {user, password: this.#connection.become.password};
    if (this.#wantsTerminal) return await openSudoOnTerminal(this.#opener, sudo);
    try {
      return await openSudo(this.#opener, sudo, 'streams');
    } catch (error) {
      if (!isTransportError(error) || !/\btty\b/.test(error.message)) throw error;
      this.#wantsTerminal = true;
      return await openSudoOnTerminal(this.#opener, sudo);
    }
  }
}
