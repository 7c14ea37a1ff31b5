import { Cluster } from '../consensus/cluster.ts';
import { LoopbackSite } from '../consensus/loopback-site.ts';
import type { ManagerProcess } from '../consensus/manager-process.ts';
import { RegisterClient } from '../consensus/register.ts';
import { eventually } from '../lab/support/eventually.ts';
import type { BenchGroup, GroupSettings } from './consensus-group.ts';

/** Three managers with their defaults, which reach each other by unix sockets, or over loopback with TLS. */
export class TsoGroup implements BenchGroup {
  readonly store = 'tso';
  readonly #cluster: Cluster;

  readonly #profiled: boolean;

  private constructor(cluster: Cluster, profiled: boolean) {
    this.#cluster = cluster;
    this.#profiled = profiled;
  }

  static async start({ snapshotEntries, nodeFlags, peers }: GroupSettings = {}): Promise<TsoGroup> {
    const flags = {
      'log-level': 'warn',
      ...(snapshotEntries === undefined
        ? {}
        : { 'snapshot-entries': snapshotEntries, 'keep-entries': Math.min(5_000, Math.ceil(snapshotEntries / 4)) }),
      // A group that is to have a long log does not take snapshots by size either.
      ...(snapshotEntries !== undefined && snapshotEntries > 1_000_000 ? { 'snapshot-bytes': 2 ** 40 } : {}),
    };
    const site = peers === 'tls' ? { site: await LoopbackSite.create(['n1', 'n2', 'n3']) } : {};
    return new TsoGroup(
      await Cluster.start({ size: 3, flags, ...site, ...(nodeFlags === undefined ? {} : { nodeFlags }) }),
      nodeFlags !== undefined,
    );
  }

  get targets(): readonly string[] {
    return this.#cluster.members.map(({ target }) => target);
  }

  pid(index: number): number {
    return this.#member(index).pid;
  }

  stateDir(index: number): string {
    return this.#member(index).stateDir;
  }

  async leader(): Promise<number> {
    return this.#cluster.members.indexOf(await this.#cluster.leader());
  }

  async elections(): Promise<number> {
    return (await this.#cluster.list(await this.#cluster.leader())).term;
  }

  caughtUp(index: number): Promise<void> {
    return this.#cluster.caughtUp(this.#member(index));
  }

  kill(index: number): Promise<void> {
    return this.#member(index).kill();
  }

  async restart(index: number): Promise<void> {
    const member = this.#member(index);
    await member.start();
    const client = new RegisterClient(member.target);
    try {
      await eventually(
        `${member.nodeId} answers`,
        async () => {
          await client.read('x', 5_000);
          return true;
        },
        120_000,
      );
    } finally {
      client.close();
    }
  }

  async destroy(): Promise<void> {
    // A profiled process writes down what it saw when it ends properly.
    if (this.#profiled) for (const member of this.#cluster.members) await member.stop();
    await this.#cluster.destroy();
  }

  #member(index: number): ManagerProcess {
    const member = this.#cluster.members[index];
    if (member === undefined) throw new Error(`there is no member ${index}`);
    return member;
  }
}
