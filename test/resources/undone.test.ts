import {execFileSync} from 'node:child_process';
import {mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterEach, beforeEach, describe, expect, test} from 'vitest';
import {content} from '../../src/facts/content.ts';
import {hosts} from '../../src/facts/hosts.ts';
import {mounts} from '../../src/facts/mounts.ts';
import {packetFilter} from '../../src/facts/packet-filter.ts';
import {isPending} from '../../src/model/change.ts';
import {type Fact, fact} from '../../src/model/fact.ts';
import {isScript} from '../../src/model/step.ts';
import {bound, contextOf, givenFacts} from '../support/resources.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'provision-undone-'));
});
afterEach(() => rmSync(folder, {recursive: true}));

/** Runs the scripts of a change with paths of the system in the folder of the test, and programs of the test first. */
function run(
  kind: string,
  spec: object,
  facts: readonly Fact[],
  paths: Readonly<Record<string, string>>,
): string {
  const resource = bound(kind, spec);
  const verdict = resource.diff(givenFacts(resource.facts, facts), contextOf());
  if (!isPending(verdict)) throw new Error(`${kind} has nothing to do`);
  const texts = verdict.steps.filter(isScript).map(({wire}) => wire);
  const script = Object.entries(paths).reduce(
    (text, [path, mine]) => text.replaceAll(path, mine),
    texts.join('\n'),
  );
  const env = {...process.env, PATH: `${folder}/bin:${process.env['PATH']}`, LC_ALL: 'C'};
  return execFileSync('/bin/sh', ['-c', script], {encoding: 'utf8', env});
}

describe('/etc/hosts', () => {
  const FILE = '/etc/hosts';
  const entry = (state: string, facts: readonly Fact[] = []): void => {
    run('hosts_entry', {address: '10.0.0.1', names: ['cp1'], state}, facts, {[FILE]: join(folder, 'hosts')});
  };
  const text = (): string => readFileSync(join(folder, 'hosts'), 'utf8');
  const restored = () => entry('restored', [fact(hosts('cp1'), []), fact(content(FILE), text())]);

  test.each([
    ['a name of its own', '127.0.0.1\tlocalhost\n127.0.1.1\tcp1 # by the installer\n::1 ip6-localhost\n'],
    ['a name beside others', '127.0.0.1 localhost\n127.0.1.1  old cp1\told.example # two\n10.9.9.9 x\n'],
    ['several lines', '10.0.0.7 cp1\n10.0.0.8 cp1 b\n10.0.0.9 c\n'],
    ['no line', '127.0.0.1 localhost\n#provision 127.0.1.1 other\n'],
  ])('is what it was, to the byte, once its change is undone: %s', (_, before) => {
    writeFileSync(join(folder, 'hosts'), before);
    entry('present', [fact(hosts('cp1'), [])]);
    expect(text()).toContain('\n10.0.0.1 cp1 # provision\n');
    restored();
    expect(text()).toBe(before);
  });

  test('keeps what others wrote meanwhile', () => {
    writeFileSync(join(folder, 'hosts'), '127.0.1.1 cp1\n');
    entry('present', [fact(hosts('cp1'), [])]);
    writeFileSync(join(folder, 'hosts'), `${text()}10.5.5.5 db\n`);
    restored();
    expect(text()).toBe('127.0.1.1 cp1\n10.5.5.5 db\n');
  });

  test('does not remember a line of ours as somebody else’s when the address changes', () => {
    writeFileSync(join(folder, 'hosts'), '127.0.1.1 cp1\n');
    const paths = {[FILE]: join(folder, 'hosts')};
    for (const address of ['10.0.0.2', '10.0.0.1'])
      run('hosts_entry', {address, names: ['cp1']}, [fact(hosts('cp1'), [])], paths);
    expect(text()).toBe('#provision 127.0.1.1 cp1\n10.0.0.1 cp1 # provision\n');
  });
});

describe('a packet filter', () => {
  const TABLE = `table ip filter { # handle 1
	chain KUBE-FIREWALL { # handle 2
		ip saddr != 127.0.0.0/8 counter packets 0 bytes 0 drop # handle 9
	}

	chain INPUT { # handle 3
		type filter hook input priority filter; policy accept;
		counter packets 5 bytes 7 jump KUBE-FIREWALL # handle 10
THEIRS	}
}
`;

  /** What nft is told, where it lists one table. */
  function told(table: string, spec: object): string {
    mkdirSync(join(folder, 'bin'), {recursive: true});
    writeFileSync(join(folder, 'table'), table);
    const nft = `#!/bin/sh
case "$*" in
  'list tables') echo 'table ip filter'; echo 'table ip kube-proxy' ;;
  '-a list table ip filter') cat ${folder}/table ;;
  '-a list table ip kube-proxy') echo 'table ip kube-proxy {'; echo '}' ;;
  '-f -') cat ;;
esac
`;
    writeFileSync(join(folder, 'bin', 'nft'), nft, {mode: 0o755});
    for (const tool of ['iptables', 'ip6tables']) {
      writeFileSync(join(folder, 'bin', tool), '#!/bin/sh\necho nf_tables\n', {mode: 0o755});
      writeFileSync(join(folder, 'bin', `${tool}-legacy-save`), '#!/bin/sh\n', {mode: 0o755});
      writeFileSync(join(folder, 'bin', `${tool}-legacy-restore`), '#!/bin/sh\ncat\n', {mode: 0o755});
    }
    const part = {tool: 'nft', family: 'ip', table: 'filter', chain: 'KUBE-FIREWALL'};
    return run('packet_filter', spec, [fact(packetFilter(), [part])], {}).trim();
  }

  test('loses a chain and the rules that lead there, where others have rules in the table', () => {
    const table = TABLE.replace('THEIRS', '		tcp dport 22 accept # handle 11\n');
    expect(told(table, {chains: ['KUBE-'], tables: ['ip kube-proxy']})).toBe(
      [
        'delete rule ip filter INPUT handle 10',
        'flush chain ip filter KUBE-FIREWALL',
        'delete chain ip filter KUBE-FIREWALL',
        'delete table ip kube-proxy',
      ].join('\n'),
    );
  });

  test('loses a table of iptables of which nothing else is left', () => {
    expect(told(TABLE.replace('THEIRS', ''), {chains: ['KUBE-']})).toBe('delete table ip filter');
  });

  test('loses a chain of iptables in which nothing else was', () => {
    const theirs =
      '	}\n	chain OUTPUT { # handle 4\n		type filter hook output priority filter; policy accept;\n		accept # handle 12\n';
    const table = TABLE.replace('THEIRS', theirs);
    expect(told(table, {chains: ['KUBE-']}).split('\n')).toContain('delete chain ip filter INPUT');
    expect(told(table, {chains: ['KUBE-']})).not.toContain('OUTPUT');
  });

  test('keeps a table in which others let nothing pass', () => {
    const table = TABLE.replace('THEIRS', '').replace('policy accept', 'policy drop');
    expect(told(table, {chains: ['KUBE-']})).not.toContain('delete table');
  });
});

test('a directory is removed with all that is in it', () => {
  mkdirSync(join(folder, 'tree', 'below it'), {recursive: true});
  writeFileSync(join(folder, 'tree', 'below it', 'x'), '');
  const path = join(folder, 'tree');
  const found = {type: 'directory', mode: '0755', owner: 0, group: 0} as const;
  const resource = bound('file', {path, state: 'absent', unmount: true});
  const facts = resource.facts.map((query) =>
    query.kind.name === 'stat' ? fact(query, found) : fact(query, []),
  );
  run('file', {path, state: 'absent', unmount: true}, facts, {});
  expect(readdirSync(folder)).toEqual([]);
});

test('mounts are told with the white space in their names', () => {
  const line = (place: string): string => `36 35 98:0 / ${place} rw,noatime - ext4 /dev/root rw\n`;
  const output = new TextEncoder().encode(line('/') + line('/a') + line('/a/with\\040space') + line('/ab'));
  expect(mounts('/a').kind.parse(output, ['/a', '/c'])).toEqual([
    {state: 'known', value: ['/a', '/a/with space']},
    {state: 'known', value: []},
  ]);
});
