import { TsoError } from '@tso/proto';
import { Control, Managers, neverSent, Raft, RpcChannel, type RpcClient, saidByPeer, type TlsMaterial } from '@tso/proto/rpc';
import type { NodeId } from '../raft/core/index.ts';
import type { RaftDriver } from '../raft/io/driver.ts';
import { type FailedOutcome, failure } from '../raft/io/outcome.ts';
import type { ApplyResult } from '../store/apply.ts';
import type { View } from '../store/view.ts';

/** The leader's peer door, for what is neither a message nor a change of the store. */
export interface LeaderDoor {
  readonly raftId: NodeId;
  readonly managers: RpcClient<typeof Managers>;
  readonly raft: RpcClient<typeof Raft>;
  readonly control: RpcClient<typeof Control>;
}

/** A leader's host that vanished without a word must not keep whoever follows a stream through it. On one machine the kernel tells. */
const keepalive = { everyMs: 3_000, answerWithinMs: 3_000 } as const;

/**
 * What the leader answers to a call that was passed on to it, and what it refuses in its own words. When there was nobody to hear the call
 * nothing was done; when the answer was lost the caller would take our words for the leader's, so they say what may have become of it.
 * @param lost what is known then: of a call that only asks, that it changed nothing
 */
export const passedOn = async <T>(call: Promise<T>, lost: FailedOutcome): Promise<T> => {
  try {
    return await call;
  } catch (error) {
    if (!(error instanceof TsoError) || saidByPeer(error)) throw error;
    if (neverSent(error)) throw failure('refused', error.code, `the leader cannot be reached: ${error.message}`, { cause: error });
    throw failure(lost, error.code, `the answer of the leader was lost: ${error.message}`, { cause: error });
  }
};

export interface LeaderDoorPorts {
  readonly driver: RaftDriver<ApplyResult>;
  readonly view: () => View;
  readonly tls: TlsMaterial | undefined;
}

/** Finds the leader, and keeps one connection to it. */
export class LeaderFinder {
  readonly #ports: LeaderDoorPorts;
  #tls: TlsMaterial | undefined;
  #open: { readonly nodeId: string; readonly channel: RpcChannel; readonly door: LeaderDoor } | undefined;

  constructor(ports: LeaderDoorPorts) {
    this.#ports = ports;
    this.#tls = ports.tls;
  }

  /** Waits a while for an election. UNAVAILABLE, certainly nothing done: nobody leads, or its address is not known here yet. */
  async find(): Promise<'here' | LeaderDoor> {
    const { driver, view } = this.#ports;
    await driver.whenLed();
    if (driver.role === 'leader') return 'here';
    const leader = view().manager(String(driver.lead));
    if (leader === undefined || leader.address === '') {
      const why = `the address of the leader, manager ${driver.lead}, is not known here yet`;
      throw failure('refused', 'UNAVAILABLE', why, { hint: 'Try again in a moment' });
    }
    return this.#doorOf(leader);
  }

  /** Calls that run go on over the old connection. */
  renewTls(tls: TlsMaterial): void {
    this.#tls = tls;
    this.close();
  }

  close(): void {
    this.#open?.channel.close();
    this.#open = undefined;
  }

  #doorOf({ raftId, nodeId, address }: { readonly raftId: NodeId; readonly nodeId: string; readonly address: string }): LeaderDoor {
    const open = this.#open;
    if (open !== undefined && open.channel.address === address && open.nodeId === nodeId && open.door.raftId === raftId) return open.door;
    this.close();
    const tls = this.#tls;
    const ofNetwork = address.startsWith('unix:') ? {} : { keepalive };
    const channel = new RpcChannel(address, { expect: { role: 'manager', nodeId }, ...ofNetwork, ...(tls === undefined ? {} : { tls }) });
    const door = { raftId, managers: channel.client(Managers), raft: channel.client(Raft), control: channel.client(Control) };
    this.#open = { nodeId, channel, door };
    return door;
  }
}
