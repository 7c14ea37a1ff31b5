import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ListManagersReply } from '@tso/proto';
import { eventually } from '../lab/support/eventually.ts';
import { type Flags, ManagerProcess } from './manager-process.ts';

/** Where managers live and how they reach each other. */
export interface Site {
  /** Address of the peer door of a manager. */
  peerListen(nodeId: string, folder: string): string;
  /** Flags that belong to the place: certificates. */
  flags(nodeId: string, folder: string): Promise<Flags>;
  enter(nodeId: string): readonly string[];
  destroy(): Promise<void>;
}

/** All on one machine, with unix sockets for doors: needs no rights. */
export const unixSite: Site = {
  peerListen: (_, folder) => `unix:${join(folder, 'peer.sock')}`,
  flags: async () => ({}),
  enter: () => [],
  destroy: async () => undefined,
};

export interface ClusterOptions {
  readonly size: number;
  readonly flags?: Flags;
  readonly site?: Site;
  readonly nodeFlags?: readonly string[];
}

/** How long one manager may take to say what it knows. */
const askMs = 2_000;
const settleMs = 30_000;

/** Manager processes that form one group. Nothing of them is left after destroy(). */
export class Cluster {
  readonly folder: string;
  /** Those that the test counts on: may be taken out, or put in. */
  readonly members: ManagerProcess[] = [];
  readonly #everybody: ManagerProcess[] = [];
  readonly #options: ClusterOptions;
  readonly #site: Site;
  #made = 0;

  private constructor(folder: string, options: ClusterOptions) {
    this.folder = folder;
    this.#options = options;
    this.#site = options.site ?? unixSite;
  }

  /** The first makes the cluster, the others join it and are voters by the time this resolves. */
  static async start(options: ClusterOptions): Promise<Cluster> {
    const cluster = new Cluster(await mkdtemp(join(tmpdir(), 'tso-consensus-')), options);
    try {
      const first = await cluster.make();
      await first.start();
      for (let index = 1; index < options.size; index += 1) await cluster.add();
      await cluster.settled();
    } catch (error) {
      const said = cluster.members.map(({ nodeId, output }) => `${nodeId}: ${output.slice(-1_500)}`).join('\n');
      await cluster.destroy();
      throw new Error(`the cluster did not start\n${said}`, { cause: error });
    }
    return cluster;
  }

  /** One more manager, not started yet. */
  async make(nodeId?: string): Promise<ManagerProcess> {
    this.#made += 1;
    const id = nodeId ?? `n${this.#made}`;
    const folder = join(this.folder, `${id}-${this.#made}`);
    await mkdir(folder, { mode: 0o700 });
    const { flags = {}, nodeFlags = [] } = this.#options;
    const member = new ManagerProcess({
      nodeId: id,
      folder,
      peerListen: this.#site.peerListen(id, folder),
      flags: { 'log-level': 'info', ...flags, ...(await this.#site.flags(id, folder)) },
      enter: this.#site.enter(id),
      nodeFlags,
    });
    this.members.push(member);
    this.#everybody.push(member);
    return member;
  }

  /** Starts a manager that joins by any member that runs; resolves once it has a vote. */
  async add(): Promise<ManagerProcess> {
    const by = this.someone();
    const member = await this.make();
    await member.start({ join: by.options.peerListen });
    await this.voter(member);
    return member;
  }

  /** A member that runs. */
  someone(): ManagerProcess {
    const member = this.running[0];
    if (member === undefined) throw new Error('no member runs');
    return member;
  }

  get running(): readonly ManagerProcess[] {
    return this.members.filter((member) => member.running);
  }

  member(nodeId: string): ManagerProcess {
    const member = this.members.find((it) => it.nodeId === nodeId);
    if (member === undefined) throw new Error(`there is no member ${nodeId}`);
    return member;
  }

  /** Takes it out of the list, ended. It may still be a member of the group. */
  async forget(member: ManagerProcess): Promise<void> {
    await member.kill();
    this.members.splice(this.members.indexOf(member), 1);
  }

  async list(by: ManagerProcess = this.someone()): Promise<ListManagersReply> {
    return by.managers.listManagers({}, { deadlineMs: askMs });
  }

  /** The raft id of that node's newest membership. */
  async raftId(member: ManagerProcess): Promise<number> {
    return eventually(
      `${member.nodeId} is listed`,
      async () => {
        const found = (await this.#listByAny()).managers.findLast(({ manager }) => manager.nodeId === member.nodeId);
        return found?.manager.raftId;
      },
      settleMs,
    );
  }

  /** The member that leads, by what a majority of those that run says. */
  async leader(): Promise<ManagerProcess> {
    return eventually(
      `a leader among ${this.members.map(({ nodeId }) => nodeId).join(', ')}`,
      async () => {
        const votes = new Map<string, number>();
        for (const reply of await this.#answers()) {
          const leads = reply.managers.find(({ manager }) => manager.raftId === reply.leader)?.manager.nodeId;
          if (leads !== undefined) votes.set(leads, (votes.get(leads) ?? 0) + 1);
        }
        const [leads, count] = [...votes].sort((a, b) => b[1] - a[1])[0] ?? ['', 0];
        const member = this.members.find(({ nodeId }) => nodeId === leads);
        return count * 2 > this.running.length && member?.running === true ? member : undefined;
      },
      settleMs,
    );
  }

  /** Members that run and do not lead. */
  async followers(): Promise<readonly ManagerProcess[]> {
    const leader = await this.leader();
    return this.running.filter((member) => member !== leader);
  }

  async voter(member: ManagerProcess): Promise<void> {
    await eventually(
      `${member.nodeId} is a voter`,
      async () => (await this.#listByAny()).managers.some((it) => it.manager.nodeId === member.nodeId && it.voter),
      settleMs,
    );
  }

  /** Resolves once there is a leader, every listed manager runs and is heard from, and has the log up to now. */
  async settled(): Promise<void> {
    await eventually(
      'every member is up to date',
      async () => {
        const leader = await this.leader();
        const { managers, committed } = await this.list(leader);
        const goal = committed;
        return managers.every((it) => it.reachable && it.match >= goal - slack);
      },
      60_000,
    );
  }

  /** Resolves once the member holds what is committed by now. */
  async caughtUp(member: ManagerProcess): Promise<void> {
    const goal = (await this.list(await this.leader())).committed;
    await eventually(
      `${member.nodeId} holds the log up to ${goal}`,
      async () => {
        const { managers } = await this.list(await this.leader());
        return managers.some((it) => it.manager.nodeId === member.nodeId && it.match >= goal);
      },
      120_000,
    );
  }

  async destroy(): Promise<void> {
    await Promise.all(this.#everybody.map((member) => member.kill()));
    await this.#site.destroy();
    await rm(this.folder, { recursive: true, force: true });
  }

  async #answers(): Promise<readonly ListManagersReply[]> {
    const settled = await Promise.allSettled(this.running.map((member) => this.list(member)));
    return settled.flatMap((it) => (it.status === 'fulfilled' ? [it.value] : []));
  }

  async #listByAny(): Promise<ListManagersReply> {
    return Promise.any(this.running.map((member) => this.list(member)));
  }
}

/** Entries that may come while one looks. */
const slack = 50;
