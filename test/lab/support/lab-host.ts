import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pidsInCgroup, readProc, runsItsProgram } from '../hosts/processes.ts';
import { makePrivate } from '../hosts/wires.ts';
import { type CommandOptions, type CommandOutcome, command, succeed } from './command.ts';
import { askSocket } from './engine-socket.ts';
import { eventually } from './eventually.ts';

const root = join(import.meta.dirname, '../../..');
export const cliEntry = join(root, 'cli/dist/tso.mjs');

/** What `tso ps --format json` prints of a task. */
export interface TaskRow {
  readonly id: string;
  readonly stack: string;
  readonly service: string;
  readonly slot: number;
  readonly state: string;
  readonly desiredState: string;
  readonly health: string;
  readonly error: string;
  readonly exitCode: number | null;
  readonly addresses: Readonly<Record<string, string>>;
}

/** `GET /info`, .Swarm. */
export interface SwarmInfo {
  readonly NodeID: string;
  readonly NodeAddr: string;
  readonly LocalNodeState: 'inactive' | 'pending' | 'active' | 'locked' | 'error';
  readonly ControlAvailable: boolean;
  readonly Error: string;
  readonly RemoteManagers: readonly { readonly NodeID: string; readonly Addr: string }[] | null;
  readonly Cluster?: { readonly ID: string };
}

let hosts = 0;

/** A place among other hosts, for one that is not alone with its client. */
export interface HostPlace {
  readonly name: string;
  readonly hostname: string;
  /** Of this host alone. */
  readonly folder: string;
  readonly address: string;
  readonly cgroupParent: string;
  /** File of the network namespace where outside clients are, and their address. */
  readonly client: { readonly pin: string; readonly address: string };
  /** Of the agent and all it starts, beside the usual. */
  readonly env: Readonly<Record<string, string>>;
  /** Files that this host sees in the place of others, path to path. */
  readonly files: Readonly<Record<string, string>>;
  /** Puts a cable into the new network namespace of that file. */
  connect(pin: string): Promise<void>;
}

/**
 * A machine of its own as far as tso can tell: network, mount and UTS namespaces, directories and a cgroup parent, and an
 * outside client at the other end of its only link. Nothing of it is left after destroy().
 */
export class LabHost {
  readonly name: string;
  readonly folder: string;
  readonly address: string;
  readonly clientAddress: string;
  readonly cgroupParent: string;
  #daemon: ChildProcess | undefined;
  #daemonArgs: readonly string[] = [];

  readonly #pin: string;
  readonly #ownsNamespaces: boolean;
  readonly #place: HostPlace | undefined;

  private constructor(name: string, folder: string, { sharing, place }: { readonly sharing?: LabHost; readonly place?: HostPlace }) {
    this.name = name;
    this.folder = folder;
    this.address = place?.address ?? '10.77.0.1';
    this.clientAddress = place?.client.address ?? '10.77.0.100';
    this.#pin = sharing?.pin ?? join(folder, 'ns');
    this.#ownsNamespaces = sharing === undefined;
    this.#place = place;
    this.cgroupParent = place?.cgroupParent ?? `/tso-lab-${name}`;
  }

  /** A host among others. Whoever made its place removes it with all that is there. */
  static async createAt(place: HostPlace): Promise<LabHost> {
    await mkdir(place.folder, { recursive: true, mode: 0o711 });
    const host = new LabHost(place.name, place.folder, { place });
    await mkdir(host.pin);
    await host.#makeNamespaces();
    return host;
  }

  /** @param options.sharing a host whose namespaces this one lives in: two daemons on one machine */
  static async create(options: { readonly sharing?: LabHost } = {}): Promise<LabHost> {
    hosts += 1;
    const folder = await mkdtemp(join(tmpdir(), 'tso-lab-'));
    // As /var/lib is: a remapped container's root, nobody here, must be able to walk to its root filesystem.
    await chmod(folder, 0o711);
    const host = new LabHost(`${process.pid.toString(36)}-${hosts}`, folder, options);
    try {
      if (host.#ownsNamespaces) {
        await mkdir(host.pin);
        // A mount namespace can only be pinned below a mount that does not propagate.
        await makePrivate(host.pin);
        await host.#makeNamespaces();
      }
    } catch (error) {
      await host.destroy();
      throw error;
    }
    return host;
  }

  /** Folder of the files that keep the namespaces. */
  get pin(): string {
    return this.#pin;
  }

  get dataDir(): string {
    return join(this.folder, 'data');
  }

  get runDir(): string {
    return join(this.folder, 'run');
  }

  get daemonPid(): number | undefined {
    return this.#daemon?.pid;
  }

  async #makeNamespaces(): Promise<void> {
    const pin = this.#pin;
    const client = this.#clientPin;
    const own = ['net', 'mnt', 'uts'].map((name) => join(pin, name));
    for (const file of own) await writeFile(file, '');
    // The client first: the host's mount namespace must already know its file.
    if (this.#place === undefined) {
      await writeFile(client, '');
      await succeed('unshare', [`--net=${client}`, 'true']);
    }
    const [net = '', mnt = '', uts = ''] = own;
    await succeed('unshare', [`--net=${net}`, `--mount=${mnt}`, `--uts=${uts}`, 'hostname', this.#place?.hostname ?? `lab-${this.name}`]);
    if (this.#place === undefined) await this.#connectClient();
    else await this.#settle(this.#place);
  }

  async #settle(place: HostPlace): Promise<void> {
    // Its copies of the files that keep the other hosts' namespaces would keep them longer than these live.
    await this.run('sh', ['-c', `grep -e ' - nsfs ' /proc/self/mountinfo | cut -d' ' -f5 | while read -r at; do umount -l "$at"; done`]);
    for (const [path, source] of Object.entries(place.files)) await this.run('mount', ['--bind', source, path]);
    await place.connect(join(this.#pin, 'net'));
  }

  async #connectClient(): Promise<void> {
    await this.run('ip', ['link', 'set', 'lo', 'up']);
    await this.client('ip', ['link', 'set', 'lo', 'up']);
    await this.run('ip', ['link', 'add', 'eth0', 'type', 'veth', 'peer', 'name', 'eth0', 'netns', this.#clientPin]);
    await this.run('ip', ['address', 'add', `${this.address}/24`, 'dev', 'eth0']);
    await this.run('ip', ['link', 'set', 'eth0', 'up']);
    await this.client('ip', ['address', 'add', `${this.clientAddress}/24`, 'dev', 'eth0']);
    await this.client('ip', ['link', 'set', 'eth0', 'up']);
    await this.run('ip', ['route', 'add', 'default', 'via', this.clientAddress]);
  }

  get #clientPin(): string {
    return this.#place?.client.pin ?? join(this.#pin, 'client');
  }

  /** As after a loss of power: whoever lived here must have ended. Other namespaces, an empty run directory, the same data. */
  async reboot(): Promise<void> {
    for (const name of ['net', 'mnt', 'uts']) await command('umount', ['--lazy', join(this.#pin, name)]);
    await rm(this.runDir, { recursive: true, force: true });
    await this.#makeNamespaces();
  }

  #enter(program: string, args: readonly string[]): readonly string[] {
    const pin = this.#pin;
    return [`--net=${join(pin, 'net')}`, `--mount=${join(pin, 'mnt')}`, `--uts=${join(pin, 'uts')}`, '--', program, ...args];
  }

  /** Runs a program on this host; any exit code is an answer. */
  exec(program: string, args: readonly string[], options: CommandOptions = {}): Promise<CommandOutcome> {
    return command('nsenter', this.#enter(program, args), this.#here(options));
  }

  /** Runs a program on this host that must succeed. */
  run(program: string, args: readonly string[], options: CommandOptions = {}): Promise<string> {
    return succeed('nsenter', this.#enter(program, args), this.#here(options));
  }

  /** Runs a program as the outside client. */
  client(program: string, args: readonly string[], options: CommandOptions = {}): Promise<string> {
    return succeed('nsenter', [`--net=${this.#clientPin}`, '--', program, ...args], options);
  }

  /** Starts a program as the outside client that goes on; the caller ends it. */
  clientSpawn(program: string, args: readonly string[]): ChildProcess {
    return spawn('nsenter', [`--net=${this.#clientPin}`, '--', program, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  }

  /** Starts a program on this host that goes on; the caller ends it. */
  spawn(program: string, args: readonly string[], options: CommandOptions = {}): ChildProcess {
    return spawn('nsenter', this.#enter(program, args), { stdio: ['pipe', 'pipe', 'pipe'], env: this.#env(options.env), cwd: options.cwd });
  }

  /** The command line of tso on this host; any exit code is an answer. */
  tso(args: readonly string[], options: CommandOptions = {}): Promise<CommandOutcome> {
    return this.exec(process.execPath, ['--', cliEntry, ...args], { ...options, env: this.#env(options.env) });
  }

  /** The command line of tso that must succeed; its standard output. */
  async tsoOk(args: readonly string[], options: CommandOptions = {}): Promise<string> {
    const outcome = await this.tso(args, options);
    if (outcome.code !== 0)
      throw new Error(`tso ${args.join(' ')} ended with ${outcome.code}: ${outcome.stderr}${outcome.stdout}\n${this.daemonLog()}`);
    return outcome.stdout;
  }

  async ps(...args: readonly string[]): Promise<readonly TaskRow[]> {
    return JSON.parse(await this.tsoOk(['ps', '--format', 'json', ...args])) as TaskRow[];
  }

  /** Applies a stack given as text; the outcome of `tso up`. */
  up(stack: string, yaml: string, args: readonly string[] = []): Promise<CommandOutcome> {
    return this.tso(['up', '-f', '-', '-p', stack, '--progress', 'plain', ...args], { input: yaml, cwd: this.folder });
  }

  async upOk(stack: string, yaml: string, args: readonly string[] = []): Promise<void> {
    const outcome = await this.up(stack, yaml, args);
    if (outcome.code !== 0) throw new Error(`tso up ended with ${outcome.code}: ${outcome.stderr}${outcome.stdout}\n${this.daemonLog()}`);
  }

  /** Every program on this host has the host's clock. */
  #here(options: CommandOptions): CommandOptions {
    return this.#place === undefined ? options : { ...options, env: { ...this.#place.env, ...options.env } };
  }

  #env(env: Readonly<Record<string, string>> = {}): Record<string, string> {
    return {
      PATH: process.env.PATH ?? '',
      HOME: '/root',
      TSO_DATA_DIR: this.dataDir,
      TSO_RUN_DIR: this.runDir,
      ...this.#place?.env,
      ...env,
    };
  }

  /** Starts the node agent and waits until it answers. */
  async startDaemon(args: readonly string[] = this.#daemonArgs): Promise<void> {
    this.#daemonArgs = args;
    const log = openSync(join(this.folder, 'tsod.log'), 'a');
    const line = [
      '--',
      cliEntry,
      'daemon',
      '--data-dir',
      this.dataDir,
      '--run-dir',
      this.runDir,
      '--cgroup-parent',
      this.cgroupParent,
      '--log-level',
      'debug',
      ...args,
    ];
    const daemon = spawn('nsenter', this.#enter(process.execPath, line), { stdio: ['ignore', log, log], env: this.#env() });
    closeSync(log);
    this.#daemon = daemon;
    await eventually(`the daemon of ${this.name} answers`, async () => {
      if (daemon.exitCode !== null) throw new Error(`the daemon ended with ${daemon.exitCode}: ${this.daemonLog()}`);
      // Among others it may have to wait for them before it can say more than that it is there.
      if (this.#place !== undefined) return (await this.engine('GET', '/_ping')).status === 200;
      return (await this.tso(['version', '--format', 'json'])).stdout.includes('erver') && (await this.tso(['info'])).code === 0;
    });
  }

  /** Where the agent answers. */
  get socket(): string {
    return join(this.runDir, 'tso.sock');
  }

  /** Asks the agent's engine API, with JSON when there is a body; any status is an answer. */
  engine(method: string, path: string, body?: unknown): Promise<{ readonly status: number; readonly body: unknown }> {
    return askSocket(this.socket, method, path, body);
  }

  /** What the agent says of the cluster, in the shape of the Docker Engine API. */
  async swarmInfo(): Promise<SwarmInfo> {
    return ((await this.engine('GET', '/info')).body as { readonly Swarm: SwarmInfo }).Swarm;
  }

  /** Ends the agent by a signal and waits for its end; its containers go on. */
  async stopDaemon(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    const daemon = this.#daemon;
    this.#daemon = undefined;
    if (daemon === undefined || daemon.exitCode !== null || daemon.signalCode !== null) return;
    const ended = new Promise((resolve) => daemon.once('exit', resolve));
    daemon.kill(signal);
    await ended;
  }

  /** What the agent says of itself. */
  async details(): Promise<{ readonly agentPid: number; readonly managerPid?: number; readonly managerConnected: boolean }> {
    const info = JSON.parse(await this.tsoOk(['info', '--format', 'json'])) as {
      readonly node: { readonly details: Awaited<ReturnType<LabHost['details']>> };
    };
    return info.node.details;
  }

  async managerPid(): Promise<number> {
    const { managerPid } = await this.details();
    if (managerPid === undefined) throw new Error('the manager is not running');
    return managerPid;
  }

  daemonLog(): string {
    try {
      return readFileSync(join(this.folder, 'tsod.log'), 'utf8').split('\n').slice(-15).join('\n');
    } catch {
      return 'no log of the daemon';
    }
  }

  /** Process ids of every process in this host's cgroup parent. */
  async containerPids(): Promise<readonly number[]> {
    return pidsInCgroup(this.cgroupParent);
  }

  /** Process id of the main process of each running container, by task. One that is made and not started yet does not run. */
  async mainPids(): Promise<ReadonlyMap<string, number>> {
    const pids = new Map<string, number>();
    for (const pid of await this.containerPids()) {
      const id = new RegExp(`${this.cgroupParent}/(?:\\S*?/)?([0-9a-z]{25})`).exec(readProc(pid, 'cgroup'))?.[1];
      const parent = Number(/^PPid:\t(\d+)$/m.exec(readProc(pid, 'status'))?.[1]);
      if (id === undefined || readProc(parent, 'comm').trim() !== 'conmon' || !runsItsProgram(pid)) continue;
      // The runtime's own word: what it has made waits at that pipe until it is told to start (OCI runtime-spec, create and start).
      const isWaiting = ['crun', 'runc'].some((runtime) => existsSync(join(this.runDir, 'runtime', runtime, id, 'exec.fifo')));
      if (!isWaiting) pids.set(id, pid);
    }
    return pids;
  }

  /** What the kernel holds for this host's containers: empty once nothing is left. */
  async leftovers(): Promise<readonly string[]> {
    const found: string[] = [];
    const mounts = await this.run('cat', ['/proc/self/mountinfo']);
    for (const line of mounts.split('\n'))
      if (line.includes(`${this.folder}/data`) || line.includes(`${this.folder}/run`)) found.push(`mount ${line.split(' ')[4]}`);
    for (const pid of await this.containerPids()) found.push(`process ${pid}`);
    const links = JSON.parse(await this.run('ip', ['-json', 'link'])) as { readonly ifname: string }[];
    for (const { ifname } of links) if (!['lo', 'eth0'].includes(ifname)) found.push(`device ${ifname}`);
    return found;
  }

  /** Processes that were given this host's run directory: daemons that a command line started here by itself, too. */
  async #daemonPids(): Promise<readonly string[]> {
    const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
    return pids.filter((pid) => readProc(Number(pid), 'cmdline').split('\0').includes(this.runDir));
  }

  /** Ends what runs and removes all of it. */
  async destroy(): Promise<void> {
    await this.stopDaemon('SIGKILL');
    for (const pid of await this.#daemonPids()) await command('kill', ['-9', pid]);
    for (let round = 0; round < 50; round += 1) {
      const pids = await this.containerPids();
      if (pids.length === 0) break;
      for (const pid of pids) await command('kill', ['-9', String(pid)]);
    }
    await this.exec('sh', [
      '-c',
      `grep -o '${this.folder}/[^ ]*' /proc/self/mountinfo | sort -ru | while read -r at; do umount -l "$at"; done`,
    ]);
    if (this.#ownsNamespaces) {
      for (const name of ['net', 'mnt', 'uts', 'client']) await command('umount', ['-l', join(this.#pin, name)]);
      await command('umount', ['-l', this.#pin]);
    }
    await command('find', ['/sys/fs/cgroup', '-depth', '-type', 'd', '-path', `*${this.cgroupParent}*`, '-exec', 'rmdir', '{}', ';']);
    await rm(this.folder, { recursive: true, force: true });
  }
}
