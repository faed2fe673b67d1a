/** Words of Ansible's tasks that mean nothing here, and what takes their place. */
const WORDS: Readonly<Record<string, string>> = {
  notify: 'Restarts are computed: name the files in `restart_on` or `reload_on` of the systemd_unit.',
  listen: 'Restarts are computed: name the files in `restart_on` or `reload_on` of the systemd_unit.',
  register: 'Read the outputs of the task where they are needed: {{ tasks.ID.outputs.NAME }}.',
  with_items: 'Write `loop`.',
  with_dict: 'Write `loop`; of a map there are item.key and item.value.',
  loop_control: 'A loop has keys of its own: `item`, or `item.key` and `item.value`.',
  until: 'Write `retries`, or wait with `wait_for`.',
  delay: 'Write it into `retries`: {count: 5, delay: 10s}.',
  changed_when: 'A command says how to tell that it is done: creates, unless, only_if, or read with expect.',
  failed_when: 'A task fails where the host is not as wanted; `check` asserts anything else.',
  ignore_errors: 'A failure stops only what needs the task; `needs: []` frees a task from those before it.',
  become_user: 'Write the user into `become`: become: postgres.',
  become_method: 'Set ansible_become_method in the inventory.',
  environment: 'Environment variables are a property of `command`.',
  args: 'All properties stand below the name of the resource.',
  vars: 'Variables stand in defaults.yaml, in the inventory, or in `vars` of the play.',
  block: 'Tasks are not nested: repeat `when`, or make it an entrypoint of its own.',
  async: 'Every step has a `timeout`, and packages are installed detached from the connection by themselves.',
  throttle: 'Write `locks` with a name, or `rollout` in the play.',
  no_log: 'Secrets are never shown; copy and template have `sensitive`.',
  check_mode: 'Every run plans first, and a plan changes nothing.',
  delegate_facts: 'Read facts of other hosts with hosts[...].',
};

/** Kinds of Ansible's that have another name here. */
const KINDS: Readonly<Record<string, string>> = {
  shell: 'Write command: {cmd: ...}, with a guard such as `creates`.',
  raw: 'Write command: {cmd: ...}, with a guard such as `creates`.',
  script: 'Write copy and command, with a guard such as `creates`.',
  apt: 'Write package, for apt, dnf, zypper and apk.',
  yum: 'Write package, for apt, dnf, zypper and apk.',
  dnf: 'Write package, for apt, dnf, zypper and apk.',
  apk: 'Write package, for apt, dnf, zypper and apk.',
  zypper: 'Write package, for apt, dnf, zypper and apk.',
  dpkg_selections: 'Write package with `hold: true`.',
  apt_repository: 'Write package_repository.',
  apt_key: 'Write package_repository, with its `key`.',
  deb822_repository: 'Write package_repository.',
  yum_repository: 'Write package_repository.',
  zypper_repository: 'Write package_repository.',
  rpm_key: 'Write package_repository, with its `key`.',
  service: 'Write systemd_unit.',
  systemd: 'Write systemd_unit.',
  systemd_service: 'Write systemd_unit.',
  modprobe: 'Write kernel_module.',
  get_url: 'Write artifact, with `sha256`.',
  uri: 'Write wait_for or check.',
  unarchive: 'Write archive, with `sha256`.',
  assert: 'Write check.',
  fail: 'Write check.',
  debug: 'Run with -v, or ask with `provision facts` and `provision vars explain`.',
  set_fact: 'Write it as a variable in defaults.yaml; it may be a template over others.',
  include_tasks: 'Name the file in an entrypoint of role.yaml.',
  import_tasks: 'Name the file in an entrypoint of role.yaml.',
  include_role: 'Name the role in `needs` of role.yaml, or in the play.',
  import_role: 'Name the role in `needs` of role.yaml, or in the play.',
  include_vars: 'Write variables into defaults.yaml or the inventory.',
  stat: 'Facts are asked by themselves; for a condition over one there is check.',
  setup: 'The facts of a host are in `profile`.',
  meta: 'There are no handlers to flush: restarts are computed.',
};

const hintFor = (hints: Readonly<Record<string, string>>, word: string): string | undefined =>
  Object.hasOwn(hints, word) ? hints[word] : undefined;

/** What a word of Ansible's tasks is here. */
export const ansibleWordHint = (word: string): string | undefined => hintFor(WORDS, word);

/** What a kind of Ansible's is here, with or without the name of its collection. */
export function ansibleKindHint(name: string, isKind: (kind: string) => boolean): string | undefined {
  const kind = name.slice(name.lastIndexOf('.') + 1);
  if (kind !== name && isKind(kind)) return `Write ${kind}: kinds have no collections here.`;
  return hintFor(KINDS, kind);
}
