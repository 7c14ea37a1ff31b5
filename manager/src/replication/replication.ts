import { emptyMeta, type JoinReply, type JoinRequest, type Lifecycle, sentenceOf, TsoError } from '@tso/proto';
import type { CallContext, Handlers, Managers as ManagersService, Raft, TlsMaterial } from '@tso/proto/rpc';
import { managersHandlers } from '../api/managers.ts';
import type { Members } from '../api/members-port.ts';
import { type FileDisk, failure, PeerTransport, RaftDriver } from '../raft/io/index.ts';
import type { Applied } from '../store/applied.ts';
import type { ApplyResult } from '../store/apply.ts';
import { KeyRotation } from './key-rotation.ts';
import { LeaderFinder, passedOn } from './leader-door.ts';
import { LeaderMembers, peersOf } from './members.ts';
import { MembershipKeeper } from './membership-keeper.ts';
import { type OpenDiskPorts, openDisk, type ReplicationOptions } from './open-disk.ts';
import { PassingMembers } from './passing-members.ts';
import { ReplicatedStore } from './replicated-store.ts';
import { StoreMachine } from './store-machine.ts';

export interface ReplicationPorts extends OpenDiskPorts {
  readonly soon: (work: () => void) => void;
  readonly onBroken: (error: unknown) => void;
  /** Keeps who asked for what. */
  readonly audit?: AuditSink;
}

/** What hears of every transaction that is applied, and makes something durable of it. */
export interface AuditSink {
  /** Before the first is applied. */
  start(log: { readonly lastIndex: number; readonly snapshotIndex: number }): Promise<void>;
  /** Those of the log after the snapshot come again after a restart. */
  applied(applied: Applied): void;
  /** The store was replaced by one that is at that index. */
  replaced(index: number): void;
  /** Resolves once what was heard is durable. */
  flushed(): Promise<void>;
  stop(): Promise<void>;
}

/** The group's part of a manager: its log on disk, the way to the others, the driver between them, and the store on top. */
export class Replication implements Lifecycle {
  readonly #options: ReplicationOptions;
  readonly #ports: ReplicationPorts;
  readonly #machine: StoreMachine;
  #parts: Parts | undefined;
  #named: ReadonlySet<string> | undefined;
  #stopping = false;

  constructor(options: ReplicationOptions, ports: ReplicationPorts) {
    this.#options = options;
    this.#ports = ports;
    this.#machine = new StoreMachine(async () => ports.audit?.flushed());
  }

  get driver(): RaftDriver<ApplyResult> {
    return this.#running().driver;
  }
  get store(): ReplicatedStore {
    return this.#running().store;
  }
  /** From any manager: passed on to the leader when that is another. */
  get members(): Members {
    return this.#running().members;
  }
  /** What the managers ask of each other, for the network door. */
  get peerHandlers(): PeerHandlers {
    const { transport, local } = this.#running();
    return {
      raft: { ...transport.handlers, join: (request, context) => this.#admit(request, context) },
      managers: managersHandlers(local, this.#options.nodeId),
    };
  }
  get finder(): LeaderFinder {
    return this.#running().finder;
  }
  get disk(): FileDisk {
    return this.#running().disk;
  }
  get keeper(): MembershipKeeper {
    return this.#running().keeper;
  }

  /** Nodes of the managers that the group named when this one joined it, at this start; undefined: it did not join. */
  get named(): ReadonlySet<string> | undefined {
    return this.#named;
  }

  /** Where the leader's peer door is; undefined when it is this one or unknown. */
  get leaderAddress(): string | undefined {
    const { driver, store } = this.#running();
    return driver.role === 'leader' ? undefined : store.view.manager(String(driver.lead))?.address;
  }

  /** Restores what is on disk, or joins, or begins a new group; then takes part. Errors name what is wrong with the directory. */
  async start(): Promise<void> {
    const { disk, named } = await openDisk(this.#options, this.#ports);
    this.#named = named;
    const parts = this.#assemble(disk);
    this.#parts = parts;
    await this.#startAudit(disk);
    await parts.keys.start();
    await parts.transport.start();
    await parts.driver.start();
    this.#tellPeers();
    parts.driver.on('members', () => this.#tellPeers());
    void this.#watchPeers(parts);
    this.#ports.logger.info({ raftId: disk.identity.raftId, index: parts.driver.applied.index, role: parts.driver.role }, 'state restored');
  }

  async stop(): Promise<void> {
    const parts = this.#parts;
    if (parts === undefined || this.#stopping) return;
    this.#stopping = true;
    await parts.driver.end();
    await parts.transport.stop();
    parts.finder.close();
    this.#machine.watch.close();
    await parts.keys.stop();
    await this.#ports.audit?.stop();
    await parts.disk.close();
  }

  /** Shows this certificate to the other managers from the next connection on. */
  renewTls(tls: TlsMaterial): void {
    const { transport, finder } = this.#running();
    transport.renewTls(tls);
    finder.renewTls(tls);
  }

  /** Puts this manager's own object into the store, when it is missing or its address has changed. */
  async announce(): Promise<void> {
    const { driver, store, disk } = this.#running();
    await store.fresh();
    const known = store.view.manager(String(driver.id));
    const address = this.#options.peerDoor?.address ?? '';
    if (known !== undefined && (known.address === address || known.removed)) return;
    const { raftId, nodeId } = disk.identity;
    const putManager =
      known === undefined
        ? { id: String(raftId), meta: emptyMeta, raftId, nodeId, address, wantsVote: true, removed: false }
        : { ...known, address };
    const expect = [{ kind: 'manager', id: putManager.id, version: putManager.meta.version }];
    await store.propose({ actions: [{ putManager }], expect, atMs: this.#ports.clock.now(), origin: 'members' });
  }

  async #startAudit(disk: FileDisk): Promise<void> {
    const { audit } = this.#ports;
    if (audit === undefined) return;
    await audit.start({ lastIndex: disk.lastIndex(), snapshotIndex: disk.snapshot()?.index ?? 0 });
    this.#machine.onApplied((applied) => (applied === 'replaced' ? audit.replaced(this.#machine.view.index) : audit.applied(applied)));
  }

  #running(): Parts {
    if (this.#parts === undefined) throw failure('refused', 'UNAVAILABLE', 'the manager is not running');
    return this.#parts;
  }

  #assemble(disk: FileDisk): Parts {
    const { peerDoor, tls } = this.#options;
    const { clock, random, logger, soon, onBroken } = this.#ports;
    const { identity } = disk;
    const transport = new PeerTransport(
      { identity, address: peerDoor?.address ?? '', ...(tls === undefined ? {} : { tls }) },
      {
        clock,
        random,
        logger: logger.child({ part: 'peers' }),
        owner: {
          receive: (message) => driver.receive(message),
          unreachable: (id) => driver.unreachable(id),
          connectionLost: (id) => driver.connectionLost(id),
          snapshotSent: (id, outcome) => driver.snapshotSent(id, outcome),
          openSnapshot: (index) => disk.openSnapshot(index),
          receiveSnapshot: (meta, contents) => disk.receiveSnapshot(meta, contents),
          propose: (command) => store.proposePassedOn(command),
          // Its own removal alone does not end it: until the others turn it away, one that does not know of it yet may need its vote.
          expelled: () => onBroken(removedError(identity.raftId)),
        },
      },
    );
    const driver = new RaftDriver<ApplyResult>(
      { ...this.#options.driver, raftId: identity.raftId },
      { disk, transport, machine: this.#machine, clock, random, soon, onBroken, logger: logger.child({ part: 'raft' }) },
    );
    const store = new ReplicatedStore(driver, this.#machine);
    const keeper = new MembershipKeeper({ driver, proposer: store, clock, logger: logger.child({ part: 'members' }) });
    const finder = new LeaderFinder({ driver, view: () => this.#machine.view, tls });
    const local = new LeaderMembers({ driver, proposer: store, keeper, clock, isConnected: (id) => transport.reachable(id) });
    const members = new PassingMembers({ self: identity.raftId, local, leader: () => finder.find() });
    const keys = new KeyRotation({ disk, clock, logger });
    return { disk, keys, transport, driver, store, keeper, local, members, finder };
  }

  /** Any member takes a newcomer's request; one that does not lead passes it on once, by answering with the leader's answer. */
  async #admit(request: JoinRequest, context: CallContext): Promise<JoinReply> {
    const { nodeId, address } = request;
    if (nodeId === '' || address === '')
      throw new TsoError('INVALID_ARGUMENT', 'a manager that joins says its node id and the address of its peer door');
    const caller = context.identity?.nodeId;
    if (caller !== undefined && caller !== nodeId && !(request.passedOn && this.#isMember(caller))) {
      throw new TsoError('PERMISSION_DENIED', `node ${caller} asks to join as node ${nodeId}`);
    }
    const leader = await this.#running().finder.find();
    if (leader !== 'here') {
      if (request.passedOn)
        throw failure('refused', 'UNAVAILABLE', `this manager does not lead, manager ${leader.raftId} does`, { hint: 'Try again' });
      return passedOn(leader.raft.join({ ...request, passedOn: true }), 'unknown');
    }
    const { raftId, peers } = await this.#running().local.admit({ nodeId, address });
    return { groupId: this.#running().disk.identity.groupId, raftId, peers };
  }

  #isMember(nodeId: string): boolean {
    return this.#machine.view.managers().some((manager) => manager.nodeId === nodeId && !manager.removed);
  }

  #tellPeers(): void {
    const { driver, transport } = this.#running();
    const managers = this.#machine.view.managers();
    const { voters, votersOutgoing, learners, learnersNext } = driver.applied.confState;
    const members = new Set([...voters, ...votersOutgoing, ...learners, ...learnersNext]);
    // Who is to go stays reachable until it is out: its vote may be needed for that.
    const removed = managers.filter((it) => it.removed && !members.has(it.raftId)).map(({ raftId }) => raftId);
    const leaving = managers.filter((it) => it.removed && members.has(it.raftId));
    transport.setPeers([...peersOf(managers), ...leaving], new Set(removed));
  }

  async #watchPeers({ store }: Parts): Promise<void> {
    try {
      for await (const _ of store.subscribe(({ kind }) => kind === 'manager', { limit: 100 })) this.#tellPeers();
    } catch (error) {
      this.#ports.logger.error({}, `the members' addresses are not followed any more: ${sentenceOf(error)}`);
    }
  }
}

const removedError = (raftId: number): TsoError =>
  new TsoError('PERMISSION_DENIED', `manager ${raftId} was removed from the group, and its id is never used again`, {
    hint: 'To come back, its node is promoted again (tso node promote NODE), or joins again (tso join)',
    details: { reason: 'removed' },
  });

/** Whether what broke a manager is that it was taken out of the group, for good. */
export const isRemoval = (error: unknown): boolean => error instanceof TsoError && error.details.reason === 'removed';

/** The services that only managers of the group call. */
export interface PeerHandlers {
  readonly raft: Handlers<typeof Raft>;
  readonly managers: Handlers<typeof ManagersService>;
}

interface Parts {
  readonly disk: FileDisk;
  readonly keys: KeyRotation;
  readonly transport: PeerTransport;
  readonly driver: RaftDriver<ApplyResult>;
  readonly store: ReplicatedStore;
  readonly keeper: MembershipKeeper;
  readonly local: LeaderMembers;
  readonly members: PassingMembers;
  readonly finder: LeaderFinder;
}
