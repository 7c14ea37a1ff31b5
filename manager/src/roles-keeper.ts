import { type Clock, type Expectation, type Lifecycle, type Logger, type StoreAction, sentenceOf, TsoError } from '@tso/proto';
import { memberProblem } from './api/member-rules.ts';
import type { MemberList, Members } from './api/members-port.ts';
import { limits } from './limits.ts';
import type { Proposer } from './replication/proposer.ts';
import { mayHaveRoleSteps, type RoleStep, roleSteps } from './rules/node-roles.ts';
import type { Change } from './store/apply.ts';
import { removeAction } from './store/kinds.ts';

export interface RolesKeeperPorts {
  /** Writes in this leadership alone. */
  readonly proposer: Proposer;
  readonly members: Pick<Members, 'list' | 'remove'>;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** How often it looks again while something is to be done that the store does not tell: a newcomer votes, a node is down. */
const lookMs = 200;

const watched: ReadonlySet<Change['kind']> = new Set(['node', 'manager', 'authority']);

/**
 * While this manager leads: nodes become what is wished of them. One that is not to be a manager any more leaves the group before it is
 * called a worker, the leader itself after it has handed over; one that is removed is forgotten once nothing of it is left.
 */
export class RolesKeeper implements Lifecycle {
  readonly #ports: RolesKeeperPorts;
  readonly #ended = new AbortController();
  #watching: Promise<void> | undefined;
  #isBusy = false;
  #isDirty = false;
  #cancelTimer: () => void = () => undefined;
  /** What was said last of a manager that cannot leave, to say it once. */
  #lastRefusal = '';

  constructor(ports: RolesKeeperPorts) {
    this.#ports = ports;
  }

  async start(): Promise<void> {
    if (this.#watching !== undefined || this.#ended.signal.aborted) return;
    this.#watching = this.#watch();
    this.#kick();
  }

  /** A change of members that is under way may still be made: it is noted in the store, and the next leader goes on with it. */
  async stop(): Promise<void> {
    this.#ended.abort();
    this.#cancelTimer();
    await this.#watching;
  }

  async #watch(): Promise<void> {
    const options = { limit: limits.watchedChanges, signal: this.#ended.signal };
    for await (const _ of this.#ports.proposer.subscribe(({ kind }) => watched.has(kind), options)) this.#kick();
  }

  #kick(): void {
    this.#isDirty = true;
    if (this.#isBusy || this.#ended.signal.aborted) return;
    this.#isBusy = true;
    this.#cancelTimer();
    void this.#run().finally(() => {
      this.#isBusy = false;
      if (this.#ended.signal.aborted) return;
      if (this.#isDirty) this.#kick();
      else if (mayHaveRoleSteps(this.#ports.proposer.view)) this.#cancelTimer = this.#ports.clock.setTimer(lookMs, () => this.#kick());
    });
  }

  async #run(): Promise<void> {
    const { proposer, members, logger } = this.#ports;
    this.#isDirty = false;
    if (!mayHaveRoleSteps(proposer.view)) return;
    try {
      const list = await members.list();
      const voters = new Set(list.members.flatMap(({ voter, manager }) => (voter ? [manager.raftId] : [])));
      const { view } = proposer;
      const steps = roleSteps(view, voters)
        .map((step) => ({ step, version: view.node(step.nodeId)?.meta.version ?? 0 }))
        // A manager that cannot be taken out just now keeps no other node waiting.
        .toSorted((a, b) => Number(a.step.kind === 'take-out') - Number(b.step.kind === 'take-out'));
      for (const { step, version } of steps) {
        if (this.#ended.signal.aborted) return;
        // Whoever is left then, and whether they can decide without another one, is looked at anew.
        if ((await this.#take(step, version, list)) === 'group changed') return;
      }
    } catch (error) {
      if (this.#ended.signal.aborted) return;
      // Nobody leads just now, or somebody changed the same: the next look sees what is left to do.
      if (error instanceof TsoError) logger.debug({ code: error.code }, `the nodes' roles wait: ${error.sentence}`);
      else logger.error({}, `the nodes' roles could not be looked after: ${sentenceOf(error)}`);
    }
  }

  /** @param version of the node as it was looked at: the steps before may have taken a while */
  async #take(step: RoleStep, version: number, list: MemberList): Promise<'group changed' | undefined> {
    const { nodeId } = step;
    const expect = [{ kind: 'node', id: nodeId, version }];
    switch (step.kind) {
      case 'take-out':
        if (this.#ports.proposer.view.node(nodeId)?.meta.version === version) return this.#takeOut(step, list);
        // It may have been called back: looked at anew.
        this.#isDirty = true;
        return undefined;
      case 'write':
        return this.#write({ putNode: step.node }, expect, { nodeId, role: step.node.role }, 'a node has its new role');
      case 'forget':
        return this.#write(removeAction('node', nodeId), expect, { nodeId }, 'a removed node is forgotten');
      default:
        return step satisfies never;
    }
  }

  /** Asked for before the others could have been lost: whether they can decide without it is looked at again. */
  async #takeOut({ nodeId, raftId }: Extract<RoleStep, { kind: 'take-out' }>, list: MemberList): Promise<'group changed' | undefined> {
    const { members, logger } = this.#ports;
    const isNoted = list.members.some(({ manager }) => manager.raftId === raftId && manager.removed);
    const problem = isNoted ? undefined : memberProblem(list, 'remove', raftId);
    if (problem !== undefined) {
      if (problem.sentence !== this.#lastRefusal) logger.warn({ nodeId, raftId }, `its manager cannot leave yet: ${problem.sentence}`);
      this.#lastRefusal = problem.sentence;
      return undefined;
    }
    await members.remove(raftId);
    logger.info({ nodeId, raftId }, 'a manager has left the group');
    this.#isDirty = true;
    return 'group changed';
  }

  async #write(
    action: StoreAction,
    expect: readonly Expectation[],
    fields: Readonly<Record<string, unknown>>,
    message: string,
  ): Promise<undefined> {
    const { proposer, clock, logger } = this.#ports;
    try {
      await proposer.propose({ actions: [action], expect, atMs: clock.now(), origin: 'members' });
      logger.info(fields, message);
    } catch (error) {
      if (!(error instanceof TsoError) || error.code !== 'CONFLICT') throw error;
      this.#isDirty = true;
    }
  }
}
