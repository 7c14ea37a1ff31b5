import { randomBytes } from 'node:crypto';
import { chmod, cp, mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { succeed } from '../support/command.ts';
import { LabHost } from '../support/lab-host.ts';
import { clockEnvironment, setClock } from './clock.ts';
import { sweep } from './sweep.ts';
import { type Undertaker, undertaker } from './undertaker.ts';
import { makePrivate, Wires } from './wires.ts';

/** The port on which nodes reach each other: the same on all hosts, since each has an address of its own. */
export const clusterPort = 2478;

export interface LabOptions {
  /** Names of the hosts, which are their hostnames too. */
  readonly hosts: readonly string[];
  /** Hosts whose clock can be set, each by the same library before every program (Debian's faketime). */
  readonly clocks?: boolean;
  /** Hosts whose data directory is on a disk of its own, of so many MiB. */
  readonly disks?: Readonly<Record<string, number>>;
}

/**
 * Hosts and the switch between them, all under one folder with one random name, so that labs live beside each other and beside what an
 * earlier one left. Removed by destroy(), and by itself when whoever made it ends before that.
 */
export class Lab {
  readonly folder: string;
  readonly wires: Wires;
  readonly #cgroupPrefix: string;
  readonly #hosts = new Map<string, LabHost>();
  readonly #undertaker: Undertaker;

  private constructor(folder: string, cgroupPrefix: string, wires: Wires, standby: Undertaker) {
    this.folder = folder;
    this.wires = wires;
    this.#cgroupPrefix = cgroupPrefix;
    this.#undertaker = standby;
  }

  static async create(options: LabOptions): Promise<Lab> {
    const folder = await mkdtemp(join(tmpdir(), 'tso-lab-'));
    const cgroupPrefix = `/tso-lab-${randomBytes(4).toString('hex')}-`;
    const standby = undertaker({ folder, cgroupPrefix });
    try {
      await chmod(folder, 0o711);
      await makePrivate(folder);
      const lab = new Lab(folder, cgroupPrefix, await Wires.create(folder), standby);
      await lab.#makeHosts(options);
      return lab;
    } catch (error) {
      await sweep({ folder, cgroupPrefix });
      standby.dismiss();
      throw error;
    }
  }

  get hosts(): readonly LabHost[] {
    return [...this.#hosts.values()];
  }

  host(name: string): LabHost {
    const host = this.#hosts.get(name);
    if (host === undefined) throw new Error(`there is no host ${name}`);
    return host;
  }

  /** Starts the agent of a host with an address that others reach it at. */
  async startAgent(host: LabHost, more: readonly string[] = []): Promise<void> {
    await host.startDaemon(['--listen-addr', `0.0.0.0:${clusterPort}`, '--advertise-addr', host.address, ...more]);
  }

  /** Runs a program that must succeed outside of all hosts, on the same network. */
  client(program: string, args: readonly string[]): Promise<string> {
    return succeed('nsenter', [`--net=${this.wires.pin}`, '--', program, ...args]);
  }

  /** Copies what the agents and managers logged, a folder for each host, into that one. */
  async keepLogs(folder: string): Promise<void> {
    for (const host of this.hosts) {
      await mkdir(join(folder, host.name), { recursive: true });
      await cp(join(host.folder, 'tsod.log'), join(folder, host.name, 'tsod.log')).catch(() => undefined); // It never had an agent.
    }
  }

  /** Ends what runs and removes all of it; what was logged stays in the folder that TSO_LAB_LOGS names. */
  async destroy(): Promise<void> {
    const kept = process.env.TSO_LAB_LOGS;
    if (kept !== undefined && kept !== '') await this.keepLogs(kept);
    await sweep({ folder: this.folder, cgroupPrefix: this.#cgroupPrefix });
    this.#undertaker.dismiss();
  }

  async #makeHosts(options: LabOptions): Promise<void> {
    const names = options.hosts.map((name) => `${this.wires.reserve(name)}\t${name}\n`);
    await writeFile(join(this.folder, 'hosts'), `127.0.0.1\tlocalhost\n${names.join('')}`);
    // Whoever wants names answered listens there. Otherwise it says at once that nobody does.
    await writeFile(join(this.folder, 'resolv.conf'), `nameserver ${this.wires.gateway}\n`);
    for (const name of options.hosts) this.#hosts.set(name, await this.#makeHost(name, options));
  }

  async #makeHost(name: string, options: LabOptions): Promise<LabHost> {
    const folder = join(this.folder, name);
    await mkdir(join(folder, 'data'), { recursive: true, mode: 0o711 });
    const sizeMiB = options.disks?.[name];
    // Outside of the host's own mount namespace: it is still there after a reboot.
    if (sizeMiB !== undefined) await succeed('mount', ['-t', 'tmpfs', '-o', `size=${sizeMiB}m,mode=0711`, 'tmpfs', join(folder, 'data')]);
    const clock = join(folder, 'clock');
    await setClock(clock, 0);
    return LabHost.createAt({
      name,
      hostname: name,
      folder,
      address: this.wires.addressOf(name),
      cgroupParent: `${this.#cgroupPrefix}${name}`,
      client: { pin: this.wires.pin, address: this.wires.gateway },
      env: options.clocks === true ? clockEnvironment(clock) : {},
      files: { '/etc/hosts': join(this.folder, 'hosts'), '/etc/resolv.conf': join(this.folder, 'resolv.conf') },
      connect: (pin) => this.wires.connect(name, pin),
    });
  }
}
