import {type ChildProcess, execFileSync, spawn} from 'node:child_process';
import {once} from 'node:events';
import {readFileSync} from 'node:fs';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {prepareMachine} from '../../src/lab/install.ts';
import {down, type Lab, up} from '../../src/lab/lab.ts';
import {labSupport} from '../../src/lab/support.ts';
import {LabProject, MAIN, NOTHING_TO_DO, verdictOf} from '../support/lab-project.ts';
import {TempDir} from '../support/temp-dir.ts';

const support = labSupport();
const reason = support.ok ? '' : ` (skipped: ${support.reason})`;
const NAME = `test-bundle-${process.pid}`;
const BUILD = new URL('artifacts/build.mjs', import.meta.url).pathname;
const REGISTRY = new URL('../support/registry.mjs', import.meta.url).pathname;
const IMAGE = 'lab.invalid/hello:1.0';

const PACKAGES = `mkdir -p /srv/kube && cd /srv/kube || exit
rm -f /etc/apt/sources.list /etc/apt/sources.list.d/*
for name in kubeadm kubelet; do
  for version in 1.36.3-1.1 1.36.4-1.1; do
    root=$(mktemp -d) && mkdir -p "$root/DEBIAN" "$root/usr/bin"
    printf 'Package: %s\\nVersion: %s\\nArchitecture: all\\nMaintainer: T <t@example.com>\\nDescription: T\\n' "$name" "$version" >"$root/DEBIAN/control"
    printf '#!/bin/sh\\necho %s %s\\n' "$name" "$version" >"$root/usr/bin/$name"
    chmod 755 "$root" "$root/usr/bin/$name"
    dpkg-deb --root-owner-group -b "$root" "\${name}_$version.deb" >/dev/null && rm -r "$root"
  done
done
for file in *.deb; do
  dpkg-deb -f "$file"
  printf 'Filename: ./%s\\nSize: %s\\nSHA256: %s\\n\\n' "$file" "$(stat -c %s "$file")" "$(sha256sum <"$file" | cut -c1-64)"
done >Packages
`;

describe.runIf(support.ok)(`files and images of a real host${reason}`, () => {
  let lab: Lab;
  let registry: ChildProcess | undefined;
  /** What test/lab/artifacts built, by the variables that tell it. */
  const built = new Map<string, string>();

  beforeAll(async () => {
    await prepareMachine(() => Promise.resolve(true));
    using directory = new TempDir();
    execFileSync(process.execPath, [BUILD, '--vars', directory.at('vars.yaml')]);
    for (const [, name = '', value = ''] of readFileSync(directory.at('vars.yaml'), 'utf8').matchAll(
      /^(\w+): "?([^"\n]*)"?$/gm,
    ))
      built.set(name, value);
    lab = await up({name: NAME, hosts: ['node1']});
  });

  afterAll(async () => {
    registry?.kill();
    await down(NAME);
  });

  async function onHost(command: string): Promise<string> {
    const {code, stdout, stderr} = await lab.exec('node1', command);
    expect({code, stderr}).toMatchObject({code: 0});
    return stdout.trim();
  }

  const image = (spec: string): string => `- id: image\n  container_image: {name: "${IMAGE}", ${spec}}\n`;

  /** containerd, and a role of the test's own; the files are where nobody has them, or where they are. */
  const projectOf = (tasks: string, folder: 'nowhere' | 'cache'): Promise<LabProject> => {
    const vars = [...built].map(([name, value]) => {
      const path = folder === 'nowhere' ? value.replace(/^.*\//, '/nowhere/') : value;
      return `${name}: "${name.endsWith('_src') ? path : value}"`;
    });
    const others = ['containerd_version: 2.2.1', 'crictl_enabled: false', 'time_sync_check: "off"'];
    const mirror =
      'containerd_registries_mirrors: [{prefix: lab.invalid, mirrors: [{host: "http://10.77.0.1:5000"}]}]';
    return LabProject.of(lab, tasks, {
      'group_vars/all.yaml': [...vars, ...others, mirror, ''].join('\n'),
      'playbook.yaml': '- {play: app, hosts: all, roles: [containerd, app]}\n',
    });
  };

  test('a host gets all of it from a bundle, through the connection, and archives of images do not stay', async () => {
    const archive = `src: "{{ hello_image_src }}", sha256: "{{ hello_image_checksum }}"`;
    await using project = await projectOf(image(archive), 'nowhere');
    const cache = built.get('hello_image_src')?.replace(/\/[^/]*$/, '') ?? '';
    const words = ['bundle', 'create', 'inventory.yaml', '--playbook', 'playbook.yaml', '--from', cache];
    const made = execFileSync(process.execPath, [MAIN, ...words, '--out', 'site.tar'], {
      cwd: project.path('.'),
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    expect(made).toContain('4 files');
    const first = await project.run('--bundle', 'site.tar');
    expect(verdictOf(first)).toMatchObject({code: 0, failed: 0});
    expect(await onHost('systemctl is-active containerd; ls /usr/local/bin | tr "\\n" " "')).toBe(
      'active\ncontainerd containerd-shim-runc-v2 ctr runc',
    );
    expect(await onHost(`ctr -n k8s.io images ls -q name==${IMAGE}; ls /var/lib/provision/images`)).toBe(
      IMAGE,
    );
    expect(verdictOf(await project.run('--bundle', 'site.tar', '--audit-touches'))).toEqual(NOTHING_TO_DO);
  });

  test('an image without an archive is pulled through the mirror, by digest where one is known', async () => {
    await using project = await projectOf(image('digest: ""'), 'cache');
    const [program, ...words] = lab.inside([
      process.execPath,
      REGISTRY,
      built.get('hello_image_src') ?? '',
      '10.77.0.1',
      '5000',
    ]);
    registry = spawn(program, words, {stdio: ['ignore', 'pipe', 'inherit']});
    await once(registry.stdout ?? registry, 'data');
    const run = () => project.run();
    await run();
    await onHost(`ctr -n k8s.io images rm --sync ${IMAGE} 2>/dev/null`);
    expect(verdictOf(await run())).toMatchObject({code: 0, changed: 1, failed: 0});
    expect(verdictOf(await run())).toEqual(NOTHING_TO_DO);
    const digest = await onHost(`ctr -n k8s.io images ls name==${IMAGE} | awk 'NR == 2 {print $3}'`);
    await project.write({'roles/app/tasks/main.yaml': image(`digest: "${digest}"`)});
    expect(verdictOf(await run())).toEqual(NOTHING_TO_DO);
    await onHost(`ctr -n k8s.io images rm --sync ${IMAGE}`);
    expect(verdictOf(await run())).toMatchObject({code: 0, changed: 1, failed: 0});
    expect(await onHost(`ctr -n k8s.io images ls -q name==${IMAGE}`)).toBe(IMAGE);
  });

  test('kubeadm and the kubelet come from packages, and are held', async () => {
    await onHost(PACKAGES);
    await using project = await LabProject.of(lab, '', {
      'playbook.yaml': '- {play: app, hosts: all, roles: [{role: kubernetes, entrypoint: programs}]}\n',
      'inventory.yaml': 'all: {children: {kube_control_plane: {hosts: {node1: {}}}}}\n',
    });
    const words = ['kube_install_method=package', 'kube_version=1.36.3', 'kube_package_url=file:/srv/kube'];
    const run = () =>
      project.run(
        ...[...words, 'kube_package_gpgcheck=false'].flatMap((word) => ['-e', word]),
        '-e',
        'kube_package_suite=./',
      );
    expect(verdictOf(await run())).toMatchObject({code: 0, failed: 0});
    expect(await onHost('kubelet; kubeadm; apt-mark showhold | sort | tr "\\n" " "')).toBe(
      'kubelet 1.36.3-1.1\nkubeadm 1.36.3-1.1\nkubeadm kubelet',
    );
    expect(
      await onHost(
        "grep -h '^ExecStart=/' -r /etc/systemd/system/kubelet.service.d /etc/systemd/system/kubelet.service",
      ),
    ).toMatch(/^ExecStart=\/usr\/bin\/kubelet \$KUBELET_KUBECONFIG_ARGS.*\nExecStart=\/usr\/bin\/kubelet$/);
    expect(verdictOf(await run())).toEqual(NOTHING_TO_DO);
  });
});
