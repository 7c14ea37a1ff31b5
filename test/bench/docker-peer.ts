import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, openSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { command, succeed } from '../lab/support/command.ts';
import { eventually } from '../lab/support/eventually.ts';

const daemonProgram = '/usr/sbin/dockerd';
const clientProgram = '/usr/bin/docker';

/** A Docker engine of its own in a network and mount namespace of its own, to measure beside. */
export class DockerPeer {
  readonly #folder: string;
  readonly #daemon: ChildProcess;

  private constructor(folder: string, daemon: ChildProcess) {
    this.#folder = folder;
    this.#daemon = daemon;
  }

  /** undefined when Debian's docker.io is not installed. */
  static async startIfInstalled(): Promise<DockerPeer | undefined> {
    if (!existsSync(daemonProgram) || !existsSync(clientProgram)) return undefined;
    const folder = await mkdtemp(join(tmpdir(), 'tso-peer-'));
    const log = openSync(join(folder, 'log'), 'w');
    const args = [
      '--data-root',
      join(folder, 'data'),
      '--exec-root',
      join(folder, 'exec'),
      '-p',
      join(folder, 'pid'),
      '-H',
      `unix://${folder}/sock`,
      '--userland-proxy=false',
      '--cgroup-parent',
      `/tso-peer-${process.pid}`,
      '--log-level',
      'warn',
    ];
    const daemon = spawn('unshare', ['--net', '--mount', '--propagation', 'slave', daemonProgram, ...args], {
      stdio: ['ignore', log, log],
    });
    const peer = new DockerPeer(folder, daemon);
    try {
      await eventually('the Docker engine answers', async () => (await peer.#docker(['info'])).code === 0);
      await peer.#importBusybox();
    } catch (error) {
      await peer.stop();
      throw error;
    }
    return peer;
  }

  #docker(args: readonly string[]) {
    return command(clientProgram, ['-H', `unix://${this.#folder}/sock`, ...args]);
  }

  async #importBusybox(): Promise<void> {
    const rootfs = join(this.#folder, 'rootfs');
    await mkdir(join(rootfs, 'bin'), { recursive: true });
    await succeed('cp', ['/bin/busybox', join(rootfs, 'bin/')]);
    const tar = join(this.#folder, 'busybox.tar');
    await succeed('tar', ['--create', '--file', tar, '--directory', rootfs, '.']);
    await succeed(clientProgram, ['-H', `unix://${this.#folder}/sock`, 'import', tar, 'busybox:1']);
  }

  async runDetached(): Promise<void> {
    const outcome = await this.#docker(['run', '-d', '--stop-timeout', '0', 'busybox:1', '/bin/busybox', 'sleep', '600']);
    if (outcome.code !== 0) throw new Error(`docker run: ${outcome.stderr}`);
  }

  async stop(): Promise<void> {
    const { stdout } = await this.#docker(['ps', '-aq']);
    const ids = stdout.split('\n').filter((id) => id !== '');
    if (ids.length > 0) await this.#docker(['rm', '-f', ...ids]);
    const ended = new Promise((resolve) => this.#daemon.once('exit', resolve));
    if (this.#daemon.exitCode === null) {
      this.#daemon.kill('SIGTERM');
      await ended;
    }
    await rm(this.#folder, { recursive: true, force: true });
  }
}
