import type {Script} from '../../base/script.ts';
import type {ImageStore} from '../../facts/container-image.ts';
import type {Proxies} from '../../model/step.ts';
import {named} from '../../shell/program.ts';
import {proxied} from '../../shell/proxied.ts';
import {sh} from '../../shell/sh.ts';

interface Import extends ImageStore {
  readonly name: string;
  /** On the host; gone afterwards, however it ends. */
  readonly archive: string;
  readonly label: string;
}

/** The client reads the archive by itself (`--local`): through the daemon it takes half as long again. */
export function importImage({name, archive, label, ...store}: Import): Script {
  const ctr = callOf(store);
  const program = sh`archive=${archive}
trap 'exit 143' HUP INT PIPE TERM
trap 'rm -f -- "$archive"' EXIT
${ctr} images import --local "$archive" >/dev/null || exit
${ctr} images label ${name} ${label} >/dev/null`;
  return named(
    sh`import ${name} from ${archive}`,
    sh`(
${program}
)`,
  );
}

interface Pull extends ImageStore {
  readonly name: string;
  /** Empty: whatever the tag says. */
  readonly digest: string;
  readonly hosts_dir: string;
  readonly proxy: Proxies;
}

/** What was pulled by digest gets the name by which containers ask for it. */
export function pullImage({name, digest, hosts_dir, proxy, ...store}: Pull): Script {
  const ctr = callOf(store);
  const pull = sh`${proxied(proxy)}${ctr} images pull --local --hosts-dir ${hosts_dir}`;
  if (digest === '') return named(sh`pull ${name}`, sh`${pull} ${name} >/dev/null`);
  const exact = `${repositoryOf(name)}@${digest}`;
  const program = sh`${pull} ${exact} >/dev/null || exit
${ctr} images tag --force ${exact} ${name} >/dev/null`;
  return named(sh`pull ${name}@${digest}`, program);
}

const callOf = ({ctr, address, namespace}: ImageStore): Script =>
  sh`${ctr} --address ${address} --namespace ${namespace}`;

/** Without tag and digest; a colon before the last slash is a port's. */
const repositoryOf = (name: string): string => name.replace(/@.*$/, '').replace(/:[^/]*$/, '');
