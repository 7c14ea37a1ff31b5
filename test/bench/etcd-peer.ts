import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../consensus/loopback-site.ts';
import { endsWithParent } from '../consensus/manager-process.ts';
import { command, succeed } from '../lab/support/command.ts';
import { eventually } from '../lab/support/eventually.ts';
import type { BenchGroup, GroupSettings } from './consensus-group.ts';
import { StoreClient } from './consensus-protocol.ts';

const program = '/usr/bin/etcd';
const [launcher = program, ...launcherArgs] = endsWithParent;

interface Member {
  readonly name: string;
  readonly peerPort: number;
  readonly metricsPort: number;
  child: ChildProcess | undefined;
  output: string;
}

/** Version of Debian's etcd-server; undefined when it is not installed. */
export const etcdVersion = async (): Promise<string | undefined> => {
  const outcome = await command(program, ['--version']).catch(() => undefined);
  return outcome === undefined ? undefined : /^etcd Version: (.+)$/m.exec(outcome.stdout)?.[1];
};

/** One certificate for all three, which vouches for itself. */
const certificateFlags = async (folder: string): Promise<readonly string[]> => {
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  const subject = ['-subj', '/CN=etcd', '-addext', 'subjectAltName=IP:127.0.0.1'];
  const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'];
  await succeed('openssl', ['req', '-x509', ...kind, '-keyout', key, '-out', cert, ...subject]);
  return [`--peer-cert-file=${cert}`, `--peer-key-file=${key}`, `--peer-trusted-ca-file=${cert}`, '--peer-client-cert-auth'];
};

/** Three etcd members on loopback with their defaults; clients come over unix sockets, as with tso. */
export class EtcdGroup implements BenchGroup {
  readonly store = 'etcd';
  readonly #folder: string;
  readonly #members: readonly Member[];
  readonly #flags: readonly string[];

  private constructor(folder: string, members: readonly Member[], flags: readonly string[]) {
    this.#folder = folder;
    this.#members = members;
    this.#flags = flags;
  }

  static async start(settings: GroupSettings = {}): Promise<EtcdGroup> {
    const folder = await mkdtemp(join(tmpdir(), 'tso-etcd-'));
    const members: Member[] = [];
    for (const name of ['a', 'b', 'c']) {
      members.push({ name, peerPort: await freePort(), metricsPort: await freePort(), child: undefined, output: '' });
    }
    const peerTls = settings.peers === 'tls' ? await certificateFlags(folder) : [];
    // By default etcd refuses to hold more than 2 GiB, and takes a snapshot (and lets go of its log) every 100,000 entries.
    const flags = [
      '--quota-backend-bytes=8589934592',
      ...(settings.snapshotEntries === undefined ? [] : [`--snapshot-count=${settings.snapshotEntries}`]),
    ];
    const group = new EtcdGroup(folder, members, [...flags, ...peerTls]);
    try {
      for (const index of members.keys()) group.#spawn(index);
      for (const index of members.keys()) await group.answers(index);
    } catch (error) {
      await group.destroy();
      throw error;
    }
    return group;
  }

  get targets(): readonly string[] {
    return this.#members.map(({ name }) => `unix:${join(this.#folder, `${name}:1`)}`);
  }

  pid(index: number): number {
    return this.#member(index).child?.pid ?? 0;
  }

  stateDir(index: number): string {
    return join(this.#folder, this.#member(index).name);
  }

  async leader(): Promise<number> {
    return eventually('etcd has a leader', async () => {
      for (const index of this.#members.keys()) if ((await this.#metric(index, 'etcd_server_is_leader')) === 1) return index + 1;
      return undefined;
    }).then((found) => found - 1);
  }

  /** How often it has seen the leader change. */
  async elections(): Promise<number> {
    const seen = await Promise.all([...this.#members.keys()].map((index) => this.#metric(index, 'etcd_server_leader_changes_seen_total')));
    return Math.max(...seen.map((count) => count ?? 0));
  }

  /** Resolves once the others' log is in this member too. */
  async caughtUp(index: number): Promise<void> {
    const applied = await this.#metric(await this.leader(), 'etcd_server_proposals_applied_total');
    await eventually(
      `etcd member ${index} caught up`,
      async () => {
        const own = await this.#metric(index, 'etcd_debugging_mvcc_current_revision');
        const leaders = await this.#metric(await this.leader(), 'etcd_debugging_mvcc_current_revision');
        return applied !== undefined && own !== undefined && own === leaders;
      },
      120_000,
    );
  }

  async kill(index: number): Promise<void> {
    const { child } = this.#member(index);
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
    rmSync(join(this.#folder, `${this.#member(index).name}:1`), { force: true });
  }

  async restart(index: number): Promise<void> {
    this.#spawn(index);
    await this.answers(index);
  }

  async answers(index: number): Promise<void> {
    const client = new StoreClient('etcd', this.targets[index] ?? '');
    try {
      await eventually(
        `etcd member ${index} answers (${this.#member(index).output.slice(-300)})`,
        async () => {
          await client.get('x', 5_000);
          return true;
        },
        120_000,
      );
    } finally {
      client.close();
    }
  }

  async destroy(): Promise<void> {
    for (const index of this.#members.keys()) await this.kill(index);
    await rm(this.#folder, { recursive: true, force: true });
  }

  #member(index: number): Member {
    const member = this.#members[index];
    if (member === undefined) throw new Error(`there is no member ${index}`);
    return member;
  }

  #spawn(index: number): void {
    const member = this.#member(index);
    const { name, peerPort, metricsPort } = member;
    const scheme = this.#flags.some((flag) => flag.startsWith('--peer-cert-file')) ? 'https' : 'http';
    const cluster = this.#members.map((other) => `${other.name}=${scheme}://127.0.0.1:${other.peerPort}`).join(',');
    const args = [
      `--name=${name}`,
      `--data-dir=${this.stateDir(index)}`,
      // A unix socket of that name in the working directory.
      `--listen-client-urls=unix://${name}:1`,
      `--advertise-client-urls=http://127.0.0.1:1`,
      `--listen-peer-urls=${scheme}://127.0.0.1:${peerPort}`,
      `--initial-advertise-peer-urls=${scheme}://127.0.0.1:${peerPort}`,
      `--listen-metrics-urls=http://127.0.0.1:${metricsPort}`,
      `--initial-cluster=${cluster}`,
      '--initial-cluster-state=new',
      '--logger=zap',
      '--log-level=warn',
      ...this.#flags,
    ];
    const child = spawn(launcher, [...launcherArgs, program, ...args], { cwd: this.#folder, stdio: ['ignore', 'ignore', 'pipe'] });
    child.on('error', (error) => {
      member.output += error.message;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      member.output = (member.output + text).slice(-10_000);
    });
    member.child = child;
  }

  async #metric(index: number, name: string): Promise<number | undefined> {
    try {
      const response = await fetch(`http://127.0.0.1:${this.#member(index).metricsPort}/metrics`, { signal: AbortSignal.timeout(2_000) });
      const found = new RegExp(`^${name} (.+)$`, 'm').exec(await response.text())?.[1];
      return found === undefined ? undefined : Number(found);
    } catch {
      // It is down: it says nothing.
      return undefined;
    }
  }
}
