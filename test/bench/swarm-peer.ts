import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { killHost } from '../lab/hosts/faults.ts';
import { Lab } from '../lab/hosts/lab.ts';
import { signal } from '../lab/hosts/processes.ts';
import { busyboxTar } from '../lab/support/busybox-image.ts';
import { type CommandOutcome, command } from '../lab/support/command.ts';
import { eventually } from '../lab/support/eventually.ts';
import type { LabHost } from '../lab/support/lab-host.ts';

const daemonProgram = '/usr/sbin/dockerd';
const clientProgram = '/usr/bin/docker';
const port = 2377;
const service = 'app';
const patienceMs = 180_000;

/** Docker Swarm on hosts of a lab as ours are: three managers, and one host that joins later. */
export class SwarmPeer {
  readonly #lab: Lab;

  private constructor(lab: Lab) {
    this.#lab = lab;
  }

  /** undefined when Debian's docker.io is not installed. */
  static async startIfInstalled(): Promise<SwarmPeer | undefined> {
    if (!existsSync(daemonProgram) || !existsSync(clientProgram)) return undefined;
    const peer = new SwarmPeer(await Lab.create({ hosts: ['d1', 'd2', 'd3', 'd4'] }));
    try {
      await peer.#form();
    } catch (error) {
      await peer.destroy();
      throw error;
    }
    return peer;
  }

  /** From `docker swarm join` on a fresh host to its node being ready: milliseconds. */
  async joinToReady(): Promise<number> {
    const host = this.#lab.host('d4');
    const token = (await this.#ok('d1', ['swarm', 'join-token', '-q', 'worker'])).trim();
    const beganAt = performance.now();
    await this.#ok('d4', ['swarm', 'join', '--advertise-addr', host.address, '--token', token, `${this.#lab.host('d1').address}:${port}`]);
    const ready = async () => /d4\s+Ready/.test((await this.#docker('d1', ['node', 'ls', '--format', '{{.Hostname}} {{.Status}}'])).stdout);
    await eventually('d4 is ready', ready, patienceMs);
    return performance.now() - beganAt;
  }

  /** From kill -9 of the leader's engine to the next write that another manager accepts: milliseconds. */
  async leaderLostToWrite(): Promise<number> {
    signal(Number(await readFile(join(this.#lab.host('d1').runDir, 'pid'), 'utf8')), 'SIGKILL');
    const beganAt = performance.now();
    const write = async () =>
      (await this.#docker('d2', ['service', 'update', '-d', '--label-add', `x=${performance.now()}`, service])).code === 0;
    await eventually('a write is accepted', write, patienceMs);
    return performance.now() - beganAt;
  }

  /** From the loss of a worker's host to as many tasks as before running on the others: milliseconds. */
  async hostLostToElsewhere(replicas: number): Promise<number> {
    await killHost(this.#lab, this.#lab.host('d4'));
    const beganAt = performance.now();
    const elsewhere = async () => (await this.#runningOn('d2')).filter((host) => host !== 'd4').length >= replicas;
    await eventually('its tasks run elsewhere', elsewhere, patienceMs);
    return performance.now() - beganAt;
  }

  /** A service of so many replicas, running. */
  async deploy(replicas: number): Promise<void> {
    const args = ['--name', service, '--replicas', String(replicas), '--no-resolve-image', '--stop-signal', 'SIGKILL', '-d'];
    await this.#ok('d1', ['service', 'create', ...args, 'busybox:1', '/bin/sleep', '100000']);
    await eventually('the service runs', async () => (await this.#runningOn('d1')).length >= replicas, patienceMs);
  }

  /** A container on each of two hosts, on one overlay: their processes, and the second one's address there. */
  async overlayPair(): Promise<{ readonly client: number; readonly server: number; readonly address: string }> {
    await this.#ok('d1', ['network', 'create', '--driver', 'overlay', 'pair']);
    const args = ['--no-resolve-image', '--network', 'pair', '--endpoint-mode', 'dnsrr', '--mode', 'global', '--name', 'pair', '-d'];
    await this.#ok('d1', ['service', 'create', ...args, 'busybox:1', '/bin/sleep', '100000']);
    const [client, server] = await Promise.all(['d1', 'd2'].map((host) => this.#taskOn(host)));
    if (client === undefined || server === undefined) throw new Error('the pair does not run');
    return { client: client.pid, server: server.pid, address: server.address };
  }

  #taskOn(host: string): Promise<{ readonly pid: number; readonly address: string }> {
    return eventually(
      `the task on ${host} runs`,
      async () => {
        const [id] = (await this.#ok(host, ['ps', '-q', '--filter', 'label=com.docker.swarm.service.name=pair'])).split('\n');
        if (id === undefined || id === '') return false;
        const format = '{{.State.Pid}} {{.NetworkSettings.Networks.pair.IPAddress}}';
        const [pid, address = ''] = (await this.#ok(host, ['inspect', '--format', format, id])).trim().split(' ');
        return Number(pid) > 0 && address !== '' && { pid: Number(pid), address };
      },
      patienceMs,
    );
  }

  async destroy(): Promise<void> {
    await this.#lab.destroy();
  }

  async #runningOn(by: string): Promise<readonly string[]> {
    const format = ['--filter', 'desired-state=running', '--format', '{{.CurrentState}}|{{.Node}}'];
    const { stdout } = await this.#docker(by, ['service', 'ps', service, ...format]);
    return stdout.split('\n').flatMap((line) => (line.startsWith('Running') ? [line.split('|')[1] ?? ''] : []));
  }

  async #form(): Promise<void> {
    const folder = await mkdtemp(join(tmpdir(), 'tso-busybox-'));
    try {
      const tar = await busyboxTar(folder);
      await Promise.all(this.#lab.hosts.map((host) => this.#startDaemon(host, tar)));
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
    const first = this.#lab.host('d1');
    await this.#ok('d1', ['swarm', 'init', '--advertise-addr', first.address]);
    const token = (await this.#ok('d1', ['swarm', 'join-token', '-q', 'manager'])).trim();
    for (const name of ['d2', 'd3'])
      await this.#ok(name, [
        'swarm',
        'join',
        '--advertise-addr',
        this.#lab.host(name).address,
        '--token',
        token,
        `${first.address}:${port}`,
      ]);
  }

  async #startDaemon(host: LabHost, tar: string): Promise<void> {
    const at = (name: string) => join(host.folder, name);
    await mkdir(host.runDir, { recursive: true });
    const folders = ['--data-root', at('data/docker'), '--exec-root', at('run/exec'), '-p', at('run/pid'), '-H', this.#socket(host)];
    const rest = ['--userland-proxy=false', '--cgroup-parent', host.cgroupParent, '--log-level', 'error'];
    const daemon = host.spawn(daemonProgram, [...folders, ...rest]);
    daemon.stdout?.resume();
    daemon.stderr?.resume();
    await eventually(`the engine of ${host.name} answers`, async () => (await this.#docker(host.name, ['info'])).code === 0, patienceMs);
    await this.#ok(host.name, ['import', tar, 'busybox:1']);
  }

  #socket(host: LabHost): string {
    return `unix://${join(host.runDir, 'docker.sock')}`;
  }

  #docker(name: string, args: readonly string[]): Promise<CommandOutcome> {
    return command(clientProgram, ['-H', this.#socket(this.#lab.host(name)), ...args]);
  }

  async #ok(name: string, args: readonly string[]): Promise<string> {
    const outcome = await this.#docker(name, args);
    if (outcome.code !== 0) throw new Error(`docker ${args.slice(0, 2).join(' ')} on ${name}: ${outcome.stderr}`);
    return outcome.stdout;
  }
}
