import { createHash } from 'node:crypto';
import { lookup } from 'node:dns/promises';
import { mkdir, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { TsoError } from '@tso/proto';
import { makePrivateDir, namesIn, readIfThere } from '../durable-file.ts';
import { runCommand } from '../host-command.ts';
import { targetsWithin } from '../mountinfo.ts';
import { type AgentPaths, volumeMountsDir, volumesDir } from '../paths.ts';
import {
  credentialOptions,
  credentialsFileOf,
  type DriverMount,
  fstabLine,
  isNetworkMount,
  kernelOptions,
  serverOf,
} from './driver-mount.ts';
import { answerMs, mountFailure, mountMs, unansweredFailure } from './mount-failure.ts';

const optionsFile = '.mounted';

const fingerprint = (mount: DriverMount): string => createHash('sha256').update(JSON.stringify(mount)).digest('hex');

/**
 * Volumes that are mounted from elsewhere: each once, as long as a task uses it. Who uses it stands in the run directory, one empty file a task, so that
 * an agent that is started anew knows it too; after a reboot both are gone, mounts and files. Calls for one volume must follow one another.
 */
export class VolumeMounts {
  readonly #paths: AgentPaths;

  constructor(options: { readonly paths: AgentPaths }) {
    this.#paths = options.paths;
  }

  async start(): Promise<void> {
    await makePrivateDir(volumeMountsDir(this.#paths));
  }

  /**
   * Has it mounted for the task at the volume's data folder. UNAVAILABLE: its server does not answer; FAILED_PRECONDITION: the kernel refuses, or it is
   * mounted otherwise for others.
   */
  async acquire(name: string, mount: DriverMount, taskId: string): Promise<void> {
    const folder = this.#folder(name);
    await makePrivateDir(folder);
    const wished = fingerprint(mount);
    const users = await this.#users(name);
    if (await this.#isMounted(name)) {
      const there = (await readIfThere(join(folder, optionsFile)))?.toString();
      if (there !== wished) await this.#replaceable(name, users, taskId);
    }
    await writeFile(join(folder, taskId), '', { mode: 0o600 });
    if (!(await this.#isMounted(name))) {
      await this.#mount(name, mount);
      await writeFile(join(folder, optionsFile), wished, { mode: 0o600 });
    }
    if (isNetworkMount(mount)) await this.#requireAnswer(name);
  }

  /** Whether no other task of the node has it mounted. */
  async isSoleUser(name: string, taskId: string): Promise<boolean> {
    const users = await this.#users(name);
    return users.length === 1 && users[0] === taskId;
  }

  /** The task uses none any more; what nobody uses is unmounted. */
  async release(name: string, taskId: string): Promise<void> {
    await rm(join(this.#folder(name), taskId), { force: true });
    if ((await this.#users(name)).length === 0) await this.unmount(name);
  }

  /** Who has what mounted, of the tasks that `isUser` picks. */
  async usedBy(isUser: (taskId: string) => boolean): Promise<readonly (readonly [name: string, taskId: string])[]> {
    const names = await namesIn(volumeMountsDir(this.#paths));
    const found = await Promise.all(names.map(async (name) => (await this.#users(name)).filter(isUser).map((id) => [name, id] as const)));
    return found.flat();
  }

  /** Nothing is mounted there or below afterwards, or it fails: what is deleted then is the folder of this node alone. */
  async unmount(name: string): Promise<void> {
    await this.#unmountAll(name);
    await rm(this.#folder(name), { recursive: true, force: true });
  }

  #folder(name: string): string {
    return join(volumeMountsDir(this.#paths), name);
  }

  /** As the kernel says it: without links. */
  async #data(name: string): Promise<string> {
    return join(await realpath(volumesDir(this.#paths)), name, '_data');
  }

  async #users(name: string): Promise<readonly string[]> {
    return (await namesIn(this.#folder(name))).filter((file) => !file.startsWith('.'));
  }

  async #isMounted(name: string): Promise<boolean> {
    const data = await this.#data(name);
    return targetsWithin(await readFile('/proc/self/mountinfo', 'utf8'), data).includes(data);
  }

  async #replaceable(name: string, users: readonly string[], taskId: string): Promise<void> {
    if (users.some((user) => user !== taskId)) {
      throw new TsoError('FAILED_PRECONDITION', `the volume ${name} is mounted with other driver_opts for another task of this node`, {
        hint: 'It is mounted anew once none uses it: take the service down, then bring it up again',
      });
    }
    await this.#unmountAll(name);
  }

  /** One that a crash left without its file may share its mounts yet with what it was mounted from. */
  async #unmountAll(name: string): Promise<void> {
    const data = await this.#data(name);
    const isPrivate = (await readIfThere(join(this.#folder(name), optionsFile))) !== undefined;
    if (!isPrivate && (await this.#isMounted(name))) await stopSharing(data);
    await unmountWithin(data);
  }

  async #mount(name: string, mount: DriverMount): Promise<void> {
    const data = await this.#data(name);
    await mkdir(data, { recursive: true });
    await rm(join(this.#folder(name), optionsFile), { force: true });
    const table = join(this.#folder(name), '.fstab');
    await writeFile(table, fstabLine(mount, await this.#options(name, mount), data), { mode: 0o600 });
    try {
      // The newer mount API takes options one by one and so has no commas in them, hence the old one. Helpers are not asked: what is in the way of the
      // kernel's own client is said by the kernel.
      const env = { LIBMOUNT_FORCE_MOUNT2: 'always' };
      await runCommand('mount', ['--no-canonicalize', '--internal-only', '--fstab', table, data], { env, timeoutMs: mountMs });
      await stopSharing(data);
    } catch (error) {
      await unmountWithin(data);
      throw mountFailure(name, mount, error);
    } finally {
      await rm(table, { force: true });
    }
  }

  async #options(name: string, mount: DriverMount): Promise<readonly string[]> {
    const server = serverOf(mount);
    if (server === undefined) return mount.options;
    const file = credentialsFileOf(mount);
    return kernelOptions(mount, await this.#addressOf(name, server), file === undefined ? [] : await this.#credentials(name, file));
  }

  async #addressOf(name: string, server: string): Promise<string> {
    try {
      return (await lookup(server)).address;
    } catch (cause) {
      throw new TsoError('UNAVAILABLE', `the file server ${server} of the volume ${name} cannot be found by its name`, {
        hint: 'The node itself asks for it, by its /etc/resolv.conf: give its address, or make its name known there',
        cause,
      });
    }
  }

  async #credentials(name: string, file: string): Promise<readonly string[]> {
    try {
      return credentialOptions(await readFile(file, 'utf8'));
    } catch (cause) {
      throw new TsoError('FAILED_PRECONDITION', `the credentials file ${file} of the volume ${name} cannot be read on this node`, {
        hint: 'Put it on every node that may run the service, readable by root alone',
        cause,
      });
    }
  }

  /** By a process of its own: one that asks a dead server hangs in the kernel. */
  async #requireAnswer(name: string): Promise<void> {
    try {
      await runCommand('stat', ['--format=%F', '--', await this.#data(name)], { timeoutMs: answerMs });
    } catch (error) {
      throw unansweredFailure(name, error);
    }
  }
}

/**
 * Mounts below it stay on their own from now on: a folder of the node that is bound has those of its source, and where these are shared, which systemd makes
 * them, to unmount one below the volume unmounts it on the node.
 */
const stopSharing = async (data: string): Promise<void> => {
  await runCommand('mount', ['--no-canonicalize', '--internal-only', '--make-rprivate', data]);
};

/** Unmounts all that is mounted at a folder or below it, innermost first. What is in use is detached: the kernel frees it with its last user. */
export const unmountWithin = async (folder: string): Promise<void> => {
  for (;;) {
    const target = targetsWithin(await readFile('/proc/self/mountinfo', 'utf8'), folder).at(-1);
    if (target === undefined) return;
    try {
      await runCommand('umount', ['--no-canonicalize', '--internal-only', target]);
    } catch {
      // In use, or its server is gone: the next one says why it cannot be had either.
      await runCommand('umount', ['--no-canonicalize', '--internal-only', '--lazy', target]);
    }
  }
};
