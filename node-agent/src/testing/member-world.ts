import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { emptyNodeDescription, type NodeDescription, TsoError } from '@tso/proto';
import { joinChannel, RpcChannel } from '@tso/proto/rpc';
import { unknownFeatures } from '../host-features.ts';
import { NodeCertificates } from '../membership/certificates.ts';
import { ClusterMember } from '../membership/cluster-member.ts';
import { IdentityFile } from '../membership/identity.ts';
import type { ManagerAnswer, ManagerEvents, ManagerState } from '../membership/manager-child.ts';
import type { ConnectionObserver } from '../membership/manager-connection.ts';
import type { ManagerOrder, ManagerSettings } from '../membership/manager-flags.ts';
import { ManagerList } from '../membership/manager-list.ts';
import { managerStateOf } from '../membership/member-files.ts';
import type { ClusterMemberOptions } from '../membership/member-ports.ts';
import type { AgentPaths } from '../paths.ts';
import { CollectedLog } from './collected-log.ts';
import { eventually } from './eventually.ts';
import { FakeHost } from './fake-host.ts';
import { ManualClock } from './manual-clock.ts';
import { Script } from './script.ts';
import type { TestCluster } from './test-cluster.ts';

export const nodeDescription: NodeDescription = {
  ...emptyNodeDescription,
  hostname: 'host',
  platform: { os: 'linux', architecture: 'amd64', variant: '' },
  resources: { nanoCpus: 0, memoryBytes: 0, pids: 0 },
  engineVersion: '',
  engineLabels: {},
  kernel: '',
};

/** A manager process as its agent sees it: what it was started with, and what it answers. */
export class FakeManager {
  readonly starts: { readonly settings: ManagerSettings; readonly order: ManagerOrder | undefined }[] = [];
  readonly unlockedWith: string[] = [];
  /** All of these it needs; undefined: any one will do. */
  opensWith: readonly string[] | undefined;
  /** What it does when it is started, before it answers. */
  onStart: (settings: ManagerSettings, order: ManagerOrder | undefined) => Promise<ManagerAnswer> = async () => ({ kind: 'ready' });
  events: ManagerEvents | undefined;
  state: ManagerState = 'none';
  isThere = false;
  renewals = 0;
  pid = 1;

  async start(): Promise<void> {}

  async metrics(): Promise<string> {
    return '';
  }

  stop(): Promise<void> {
    return this.halt();
  }

  listen(events: ManagerEvents): void {
    this.events = events;
  }

  async run(settings: () => ManagerSettings, order?: ManagerOrder): Promise<ManagerAnswer> {
    this.isThere = true;
    this.starts.push({ settings: settings(), order });
    const answer = await this.onStart(settings(), order);
    this.state = answer.kind === 'ready' || answer.kind === 'locked' ? answer.kind : 'starting';
    if (answer.kind === 'ready') this.events?.onReady();
    if (answer.kind === 'locked') this.events?.onLocked();
    return answer;
  }

  async order(order: ManagerOrder): Promise<ManagerAnswer> {
    const last = this.starts.at(-1);
    if (last === undefined) throw new TsoError('FAILED_PRECONDITION', 'none runs');
    return this.run(() => last.settings, order);
  }

  async unlock(key: string): Promise<ManagerAnswer> {
    this.unlockedWith.push(key);
    const isShut = this.opensWith?.some((needed) => !this.unlockedWith.includes(needed)) ?? false;
    if (isShut) {
      this.events?.onLocked();
      return { kind: 'locked', why: 'no key fits' };
    }
    this.state = 'ready';
    this.events?.onReady();
    return { kind: 'ready' };
  }

  renewTls(): void {
    this.renewals += 1;
  }

  async halt(): Promise<void> {
    this.isThere = false;
    this.state = 'none';
  }
}

/** One node's data directory over several lives of its agent, with everything around the membership faked and everything of it real. */
export class MemberWorld {
  readonly paths: AgentPaths;
  readonly clock = new ManualClock();
  readonly log = new CollectedLog();
  readonly networks: { failure: Error | undefined; readonly configured: string[] } = { failure: undefined, configured: [] };
  /** How often all its tasks were ended. */
  cleared = 0;
  manager = new FakeManager();
  /** Backups that its manager was handed. */
  readonly restored: { readonly text: string; readonly mode: number }[] = [];
  /** Never: of what a life does that has ended. */
  readonly ended: Promise<never> = new Promise(() => undefined);
  /** Where its own manager is reached, which in truth listens on a socket; undefined: nowhere. */
  ownManagerAt: string | undefined;
  options: Partial<ClusterMemberOptions> = {};
  #member: ClusterMember | undefined;
  #identity: IdentityFile | undefined;
  #certificates: NodeCertificates | undefined;
  #seed = 1;

  private constructor(folder: string) {
    this.paths = { dataDir: join(folder, 'data'), runDir: join(folder, 'run') };
  }

  static async run(body: (world: MemberWorld) => Promise<void>): Promise<void> {
    const folder = await mkdtemp(join(tmpdir(), 'tso-member-'));
    const world = new MemberWorld(folder);
    try {
      await body(world);
    } finally {
      await world.#member?.stop();
      await rm(folder, { recursive: true });
    }
  }

  get member(): ClusterMember {
    if (this.#member === undefined) throw new Error('no agent was started');
    return this.#member;
  }

  get identity(): IdentityFile {
    if (this.#identity === undefined) throw new Error('no agent was started');
    return this.#identity;
  }

  get certificates(): NodeCertificates {
    if (this.#certificates === undefined) throw new Error('no agent was started');
    return this.#certificates;
  }

  /** As an earlier life of the agent left it. */
  eraseManager(): Promise<void> {
    return managerStateOf(this.paths).erase();
  }

  /** As if an earlier life had just got another certificate. */
  async renewFrom(cluster: TestCluster): Promise<void> {
    const { key, csr } = await this.certificates.newKey();
    await this.certificates.adopt(await cluster.certificateFor(csr, this.identity.current.nodeId), key);
  }

  #ownManager(certificates: NodeCertificates, observer: ConnectionObserver): RpcChannel {
    if (this.ownManagerAt === undefined) return new RpcChannel(`unix:${join(this.paths.runDir, 'nobody.sock')}`);
    return new RpcChannel(this.ownManagerAt, { tls: certificates.tls(), ...observer });
  }

  /** A new life after one that did nothing more. */
  startAfterCrash(): Promise<ClusterMember> {
    this.#member = undefined;
    return this.start();
  }

  /** A new life of the agent, its manager included. */
  async start(): Promise<ClusterMember> {
    await this.#member?.stop();
    const { paths, clock, log: logger, networks } = this;
    const random = { number: () => 0.5, bytes: (count: number) => new Uint8Array(count).fill(this.#seed++) };
    const identity = new IdentityFile({ paths }, { random });
    await identity.start();
    const certificates = new NodeCertificates({ directory: join(paths.dataDir, 'identity') }, { clock: realTime(clock), logger });
    const manager = new FakeManager();
    manager.onStart = this.manager.onStart;
    this.manager = manager;
    this.#identity = identity;
    this.#certificates = certificates;
    this.#member = new ClusterMember(
      { paths, description: nodeDescription, advertiseAddr: '', listenAddr: '', defaultListenAddr: '', ...this.options },
      {
        clock,
        random,
        logger,
        identity,
        certificates,
        managers: new ManagerList({ paths }, { logger }),
        manager,
        managerState: managerStateOf(paths),
        networks: {
          configure: async ({ addressPool }) => {
            if (networks.failure !== undefined) throw networks.failure;
            networks.configured.push(addressPool);
          },
          tunnelKey: async () => undefined,
          troubles: [],
        },
        features: () => unknownFeatures,
        containers: new FakeHost().containersFor(new Script()),
        images: new FakeHost().imagesFor(new Script()),
        worker: {
          ...emptyNodeDescription,
          hostname: 'host',
          isAlive: () => false,
          onStatus: () => () => undefined,
          task: () => undefined,
          apply: async () => undefined,
          settling: () => undefined,
          statuses: () => [],
          clear: async () => {
            this.cleared += 1;
            return [];
          },
        },
        connect: (target, observer) =>
          target.kind === 'own'
            ? this.#ownManager(certificates, observer)
            : new RpcChannel(target.address, { tls: certificates.tls(), ...observer }),
        joinChannel,
        choosePool: async () => '10.32.0.0/12',
        ownAddress: { choose: async () => ({ kind: 'chosen', address: '127.0.0.1' }), towards: async () => '127.0.0.1' },
      },
    );
    await this.#member.start();
    return this.#member;
  }
}

/**
 * Lets the pauses of a world pass until it holds. What goes over a real connection takes real time: the world's moves on no faster, or
 * everybody would count as silent.
 */
export const passing = (world: MemberWorld, what: string, holds: () => boolean): Promise<void> => {
  let movedAt = performance.now();
  return eventually(what, () => {
    if (!holds() && performance.now() - movedAt >= 1) {
      movedAt = performance.now();
      world.clock.advance(20);
    }
    return holds();
  });
};

/** Certificates are made by the real time; everything else follows the test's. */
const realTime = (clock: ManualClock) => ({
  now: () => Date.now(),
  monotonic: () => clock.monotonic(),
  setTimer: (delayMs: number, callback: () => void) => clock.setTimer(delayMs, callback),
});
