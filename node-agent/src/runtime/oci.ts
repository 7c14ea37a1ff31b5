import { chmod, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { programPath, runCommand } from '../host-command.ts';
import type { RuntimeName } from './container-files.ts';

/**
 * crun refuses a host with cgroup v1 and v2 mounts side by side; it works where it does not see the v2 one. So each call that joins
 * a cgroup, and only the call, runs in a mount namespace of its own without that mount. `slave` keeps mounts of the host flowing in, none flow out.
 */
const hybridShim = `#!/bin/sh
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export PATH
exec unshare --mount --propagation slave sh -c 'umount -l /sys/fs/cgroup/unified && exec crun "$@"' crun "$@"
`;

/**
 * runc before 1.2 joins a container's user namespace before all others when it executes something there, and from inside it may not join a
 * network namespace that the host made (setns(2): CAP_SYS_ADMIN in the user namespace that owns it). Started inside, it need not.
 */
const insideShim = `#!/bin/sh
exec nsenter --net="$TSO_NETNS" -- runc "$@"
`;

/** How a runtime is started for a container. */
export interface RuntimeCall {
  /** Absolute path. */
  readonly program: string;
  /** Beside what every host program gets. */
  readonly env: Readonly<Record<string, string>>;
}

export interface OciRuntimeOptions {
  readonly name: RuntimeName;
  /** Folder of the runtime's own state. */
  readonly root: string;
  /** Folder for the shim. */
  readonly runDir: string;
  /** Whether this host shows crun both cgroup versions. */
  readonly hybrid: boolean;
}

/** crun or runc as a program: where it is, and what every call of it begins with. */
export class OciRuntime {
  readonly name: RuntimeName;
  readonly #options: OciRuntimeOptions;

  constructor(options: OciRuntimeOptions) {
    this.name = options.name;
    this.#options = options;
  }

  get #needsShim(): boolean {
    return this.name === 'crun' && this.#options.hybrid;
  }

  /** Whether it must be started in the network namespace of a container in a user namespace, instead of joining it. */
  get startsInsideNetns(): boolean {
    return this.name === 'runc';
  }

  /** The program, or a shim around it. `netns`: to be started inside of. FAILED_PRECONDITION when it is not installed. */
  call(netns: string | undefined): RuntimeCall {
    const program = programPath(this.name);
    const { runDir } = this.#options;
    if (netns !== undefined) return { program: join(runDir, 'runc-inside'), env: { TSO_NETNS: netns } };
    return { program: this.#needsShim ? join(runDir, 'crun-hybrid') : program, env: {} };
  }

  /** The options before the verb. */
  get globalArgs(): readonly string[] {
    return ['--root', this.#options.root, ...(this.name === 'crun' ? ['--cgroup-manager', 'cgroupfs'] : [])];
  }

  /** Writes the shims. */
  async prepare(): Promise<void> {
    if (this.#needsShim) await this.#writeShim('crun-hybrid', hybridShim);
    if (this.startsInsideNetns) await this.#writeShim('runc-inside', insideShim);
  }

  async #writeShim(name: string, text: string): Promise<void> {
    const path = join(this.#options.runDir, name);
    // By rename: another agent's conmon may be executing the old one, which then cannot be written.
    await writeFile(`${path}.tmp`, text, { mode: 0o700 });
    await chmod(`${path}.tmp`, 0o700);
    await rename(`${path}.tmp`, path);
  }

  /** Lets the created container run its command. Without the shim: a start touches no cgroup, and two programs less start sooner. */
  async start(id: string): Promise<void> {
    await runCommand(this.name, [...this.globalArgs, 'start', id]);
  }

  /** `crun 1.8.1`. */
  async version(): Promise<string> {
    const { stdout } = await runCommand(this.name, ['--version']);
    return `${this.name} ${/version (\S+)/.exec(stdout)?.[1] ?? 'unknown'}`;
  }
}
