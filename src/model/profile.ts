/** What a host is, read once when the connection opens. Templates see it as `profile`. */
export interface HostProfile {
  readonly hostname: string;
  readonly os: {
    /** `ID` of os-release: debian, ubuntu, rocky, … */
    readonly id: string;
    /** `VERSION_ID`: 12, 24.04, … Empty on rolling releases. */
    readonly version: string;
    /** `ID` and `ID_LIKE`: ubuntu is [ubuntu, debian]. */
    readonly family: readonly string[];
  };
  /** As release files are named: amd64, arm64, ppc64le, s390x, … */
  readonly arch: string;
  /** `uname -r`. */
  readonly kernel: string;
  readonly init: 'systemd' | 'openrc' | 'other';
  readonly cgroup: 'v1' | 'v2';
  readonly package_manager: 'apt' | 'dnf' | 'zypper' | 'apk' | 'none';
  readonly cpus: number;
  readonly memory_mb: number;
  /** The addresses of the host without loopback and link-local ones, in the kernel's order, no prefix. */
  readonly addresses: readonly string[];
  /** The source address of the default route; else the first address; else empty. */
  readonly address: string;
  readonly selinux: 'enforcing' | 'permissive' | 'disabled';
  readonly machine_id: string;
  /** Another one means that the host was restarted. */
  readonly boot_id: string;
  /** Of the connection, before any become. */
  readonly uid: number;
}
