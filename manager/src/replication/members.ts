import { type Clock, type Expectation, emptyMeta, type Manager, type StoreAction, sentenceOf, TsoError } from '@tso/proto';
import type { AskedBy, MemberChanged, MemberList, Members } from '../api/members-port.ts';
import type { NodeId } from '../raft/core/index.ts';
import type { RaftDriver } from '../raft/io/driver.ts';
import { failure } from '../raft/io/outcome.ts';
import type { Peer } from '../raft/io/ports.ts';
import type { ApplyResult } from '../store/apply.ts';
import { admission, isFulfilled, type MembersSeen } from './member-rules.ts';
import { membersSeen } from './members-seen.ts';
import type { MembershipKeeper } from './membership-keeper.ts';
import type { Proposer } from './proposer.ts';

export interface LeaderMembersPorts {
  readonly driver: RaftDriver<ApplyResult>;
  readonly proposer: Proposer;
  readonly keeper: Pick<MembershipKeeper, 'kick'>;
  readonly clock: Clock;
  /** Whether a connection to that manager stands: it tells of a death sooner than silence does. */
  readonly isConnected: (raftId: NodeId) => boolean;
}

/** How long a change of members may take until it is as wished: a newcomer may have a long log to fetch first. */
const patienceMs = 20_000;

const notLeading = (driver: RaftDriver<ApplyResult>): TsoError =>
  failure(
    'refused',
    'UNAVAILABLE',
    driver.lead === 0 ? 'the managers have no leader' : `this manager does not lead, manager ${driver.lead} does`,
    {
      hint: 'Try again',
      details: { leader: driver.lead },
    },
  );

/**
 * The group of managers where it is led. A change is first written down as a wish in the store, which survives whatever comes, and
 * then brought about by the keeper of whoever leads.
 */
export class LeaderMembers implements Members {
  readonly #ports: LeaderMembersPorts;

  constructor(ports: LeaderMembersPorts) {
    this.#ports = ports;
  }

  async list(): Promise<MemberList> {
    this.#checkLeads();
    const { driver, proposer, isConnected } = this.#ports;
    await proposer.fresh();
    const { lead, hardState, confState, progress } = driver.status();
    const members = proposer.view.managers().map((manager) => {
      const seen = progress.find(({ id }) => id === manager.raftId);
      const isSelf = manager.raftId === driver.id;
      return {
        manager,
        voter: confState.voters.includes(manager.raftId),
        leader: manager.raftId === lead,
        reachable: isSelf || (seen?.activeLately === true && isConnected(manager.raftId)),
        match: seen?.match ?? 0,
      };
    });
    return { members, leader: lead, term: hardState.term, committed: hardState.commit, self: driver.id };
  }

  promote(raftId: NodeId, asked?: AskedBy): Promise<MemberChanged> {
    return this.#wish(raftId, { wantsVote: true }, asked);
  }

  async demote(raftId: NodeId, asked?: AskedBy): Promise<MemberChanged> {
    await this.#leaveFirst(raftId);
    return this.#wish(raftId, { wantsVote: false }, asked);
  }

  async remove(raftId: NodeId, asked?: AskedBy): Promise<MemberChanged> {
    await this.#leaveFirst(raftId);
    return this.#wish(raftId, { removed: true, wantsVote: false }, asked);
  }

  async transfer(raftId: NodeId, asked?: AskedBy): Promise<MemberChanged> {
    this.#checkLeads();
    // It changes nothing in the store; who asked for it is kept all the same.
    if (asked !== undefined) await this.#write([], [], asked);
    await this.#ports.driver.transfer(raftId);
    return { index: this.#ports.driver.applied.index };
  }

  /** Takes a new manager in as a learner that is to vote. Returns its raft id and everybody's address. */
  async admit(joiner: {
    readonly nodeId: string;
    readonly address: string;
  }): Promise<{ readonly raftId: NodeId; readonly peers: readonly Peer[] }> {
    this.#checkLeads();
    const { driver, proposer } = this.#ports;
    await proposer.fresh();
    const managers = proposer.view.managers();
    const { raftId } = admission(managers, joiner, membersSeen(driver));
    const known = managers.find((it) => it.raftId === raftId);
    await this.#put({ id: String(raftId), meta: known?.meta ?? emptyMeta, raftId, ...joiner, wantsVote: true, removed: false });
    this.#ports.keeper.kick();
    await this.#until(raftId, ({ confState }) => confState.learners.includes(raftId) || confState.voters.includes(raftId));
    return { raftId, peers: peersOf(proposer.view.managers()) };
  }

  async #wish(raftId: NodeId, wish: Partial<Pick<Manager, 'wantsVote' | 'removed'>>, asked: AskedBy | undefined): Promise<MemberChanged> {
    this.#checkLeads();
    const { proposer, keeper } = this.#ports;
    const manager = proposer.view.manager(String(raftId));
    if (manager === undefined) throw new TsoError('NOT_FOUND', `there is no manager ${raftId}`);
    const wished = { ...manager, ...wish };
    await this.#put(wished, asked);
    keeper.kick();
    await this.#until(raftId, ({ confState }) => isFulfilled(wished, confState));
    return { index: this.#ports.driver.applied.index };
  }

  #put(manager: Manager, asked?: AskedBy): Promise<void> {
    return this.#write([{ putManager: manager }], [{ kind: 'manager', id: manager.id, version: manager.meta.version }], asked);
  }

  async #write(actions: readonly StoreAction[], expect: readonly Expectation[], asked: AskedBy | undefined): Promise<void> {
    const { proposer, clock } = this.#ports;
    const audit = asked === undefined ? {} : { audit: asked.audit };
    await proposer.propose({ actions, expect, atMs: clock.now(), origin: 'members', ...audit });
  }

  /** A leader that is to lose its vote hands over; who then leads is asked again. */
  async #leaveFirst(raftId: NodeId): Promise<void> {
    this.#checkLeads();
    const { driver } = this.#ports;
    if (raftId !== driver.id) return;
    const { progress, confState } = driver.status();
    const [best] = progress
      .filter(({ id, activeLately }) => id !== driver.id && activeLately && confState.voters.includes(id))
      .sort((a, b) => b.match - a.match);
    if (best === undefined)
      throw failure('refused', 'FAILED_PRECONDITION', 'no other manager with a vote answers, to take over leadership');
    try {
      await driver.transfer(best.id);
    } catch (error) {
      // Whoever leads in the end: the change itself was not begun.
      const why = `the change of manager ${raftId} was not begun: ${sentenceOf(error)}`;
      throw failure('refused', 'UNAVAILABLE', why, { hint: 'Try again', cause: error });
    }
    throw notLeading(driver);
  }

  #checkLeads(): void {
    const { driver } = this.#ports;
    if (driver.role !== 'leader') throw notLeading(driver);
  }

  async #until(raftId: NodeId, condition: (seen: MembersSeen) => boolean): Promise<void> {
    const { driver, clock } = this.#ports;
    await new Promise<void>((resolve, reject) => {
      const done = (settle: () => void): void => {
        cancel();
        driver.off('members', look);
        driver.off('state change', look);
        settle();
      };
      const look = (): void => {
        if (driver.role !== 'leader')
          done(() =>
            reject(
              failure(
                'unknown',
                'UNAVAILABLE',
                `leadership moved on while manager ${raftId} was changed; the change is noted and will be made`,
              ),
            ),
          );
        else if (condition(membersSeen(driver))) done(resolve);
      };
      const cancel = clock.setTimer(patienceMs, () =>
        done(() =>
          reject(
            failure(
              'unknown',
              'DEADLINE_EXCEEDED',
              `the change of manager ${raftId} is noted, but was not made within ${patienceMs / 1000} s`,
              {
                hint: 'It will be made once a majority of the managers answers and it has caught up',
              },
            ),
          ),
        ),
      );
      driver.on('members', look);
      driver.on('state change', look);
      look();
    });
  }
}

/** Everybody's address, without those who were removed. */
export const peersOf = (managers: readonly Manager[]): readonly Peer[] =>
  managers.filter(({ removed }) => !removed).map(({ raftId, nodeId, address }) => ({ raftId, nodeId, address }));
