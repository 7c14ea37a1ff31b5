import {
  type ApplyStackReply,
  type ApplyStackRequest,
  type ClusterInfo,
  type Logger,
  type Random,
  type RebalanceServicesReply,
  type RebalanceServicesRequest,
  type RemoveStackReply,
  type RemoveStackRequest,
  type ScaleServicesReply,
  type ScaleServicesRequest,
  TsoError,
} from '@tso/proto';
import type { CallContext, Control as ControlService, Handlers } from '@tso/proto/rpc';
import { limits } from '../limits.ts';
import { expectationsOf } from '../replication/expectations.ts';
import type { View } from '../store/view.ts';
import { type BackupPorts, backupHandlers } from './backup.ts';
import { applyStackChanges, removeStackChanges, type StackChanges, scaleChanges } from './changes.ts';
import { clusterInfo } from './cluster-info.ts';
import { configHandlers } from './configs.ts';
import { Events, type EventsPorts } from './events.ts';
import { Forward, type ForwardPorts } from './forward.ts';
import { type NodesPorts, nodeHandlers } from './nodes.ts';
import { type MovesAhead, rebalanceChanges } from './rebalance.ts';
import type { Relays } from './relays.ts';
import { listStacks, listTasks, stackView } from './stack-view.ts';
import { taskStreamHandlers } from './task-streams.ts';
import { validateStack } from './validate.ts';
import { watchStack } from './watch.ts';
import { inTurn } from './wish-order.ts';

export interface ControlPorts extends BackupPorts, NodesPorts, Pick<EventsPorts, 'onApplied'> {
  readonly relays: Relays;
  readonly random: Random;
  readonly logger: Logger;
  /** Aborted when the manager stops: ends the streams that have no end of their own. */
  readonly stopping: AbortSignal;
  /** Streams to tasks: the agents are connected to the leader alone. */
  readonly office: ForwardPorts['office'];
  readonly leader: ForwardPorts['leader'];
  readonly movesAhead: MovesAhead;
}

const longestTurnMs = 1_000;

interface Written {
  readonly version: number;
  readonly wish: StackChanges;
}

/** What operators ask of the cluster. Reads come from a view that is fresh; a change is answered once it is durable. */
export class ControlApi {
  readonly #ports: ControlPorts;
  /** One wish is decided and written after the other: those that come at once need not refuse and repeat each other (`inTurn`). */
  #turn: Promise<unknown> = Promise.resolve();

  readonly handlers: Handlers<typeof ControlService>;

  constructor(ports: ControlPorts) {
    this.#ports = ports;
    const forward = new Forward(ports);
    this.handlers = {
      ...configHandlers(ports),
      ...backupHandlers(ports),
      ...nodeHandlers(ports),
      ...taskStreamHandlers(ports, forward),
      ...new Events(ports).handlers,
      applyStack: (request) => this.#applyStack(request),
      removeStack: (request) => this.#removeStack(request),
      scaleServices: (request) => this.#scaleServices(request),
      rebalanceServices: (request) => this.#rebalanceServices(request),
      getStack: ({ name }) => this.#read((view) => stackView(view, name)),
      listStacks: () => this.#read(listStacks),
      listTasks: (request) => this.#read((view) => listTasks(view, request)),
      getInfo: () => this.#info(),
      watchStack: (request, context) => watchStack(ports, request, this.#untilEnd(context)),
    };
  }

  /** What the view shows, not older than the call: another manager may have answered a change that is not here yet. */
  async #read<T>(read: (view: View) => T): Promise<T> {
    const { proposer } = this.#ports;
    await proposer.fresh();
    return read(proposer.view);
  }

  async #info(): Promise<ClusterInfo> {
    const list = await this.#ports.members.list();
    return this.#read((view) => clusterInfo(view, list));
  }

  #untilEnd({ signal }: CallContext): AbortSignal {
    return AbortSignal.any([signal, this.#ports.stopping]);
  }

  async #applyStack(request: ApplyStackRequest): Promise<ApplyStackReply> {
    const { spec, expectedVersion, removeOrphans, services, dryRun } = request;
    const { random, clock } = this.#ports;
    const decide = (view: View): StackChanges => {
      const problem = validateStack(view, spec);
      if (problem !== undefined) throw problem;
      refuseOtherVersion(view, spec.name, expectedVersion);
      return applyStackChanges(view, spec, { removeOrphans, services, now: clock.now(), random: (count) => random.bytes(count) });
    };
    if (dryRun) {
      return this.#read((view) => {
        const { changes, warnings } = decide(view);
        return { version: view.index, changes, warnings };
      });
    }
    const { version, wish } = await this.#write(`apply ${spec.name}`, decide);
    return { version, changes: wish.changes, warnings: wish.warnings };
  }

  async #removeStack({ name, volumes }: RemoveStackRequest): Promise<RemoveStackReply> {
    const { version, wish } = await this.#write(`remove ${name}`, (view) => removeStackChanges(view, name, { volumes }));
    return { version, changes: wish.changes };
  }

  async #scaleServices({ stack, scales }: ScaleServicesRequest): Promise<ScaleServicesReply> {
    const { version, wish } = await this.#write(`scale ${stack}`, (view) => scaleChanges(view, stack, scales));
    return { version, changes: wish.changes };
  }

  async #rebalanceServices({ stack, services }: RebalanceServicesRequest): Promise<RebalanceServicesReply> {
    const { clock, movesAhead } = this.#ports;
    const { version, wish } = await this.#write(`rebalance ${stack}`, (view) =>
      rebalanceChanges(view, stack, services, clock.now(), movesAhead),
    );
    return { version, changes: wish.changes };
  }

  #write(what: string, decide: (view: View) => StackChanges): Promise<Written> {
    const turn = this.#turn;
    const mine = turn.then(() => this.#decideAndPropose(what, decide));
    this.#turn = turn.then(() => this.#end(mine));
    return mine;
  }

  /** The next one's turn comes whatever becomes of this one, which tells its caller; one that waits for a leader holds nobody up for long. */
  #end(turn: Promise<unknown>): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#ports.clock.setTimer(longestTurnMs, resolve);
      const done = (): void => {
        cancel();
        resolve();
      };
      turn.then(done, done);
    });
  }

  /** Planner, agents and other managers change the same objects beside us: decided again on what they made of them. */
  async #decideAndPropose(what: string, decide: (view: View) => StackChanges): Promise<Written> {
    const { proposer, clock, logger } = this.#ports;
    for (let attempt = 1; ; attempt++) {
      // A view that lags would refuse what is possible, or decide again on what just lost the race.
      await proposer.fresh();
      const wish = decide(proposer.view);
      if (wish.actions.length === 0) return { version: proposer.view.index, wish };
      const actions = inTurn(proposer.view, wish.actions);
      const expect = expectationsOf(proposer.view, actions);
      try {
        const { index } = await proposer.propose({ actions, expect, atMs: clock.now(), origin: 'api' });
        logger.info({ what, version: index, actions: wish.actions.length }, 'a wish was accepted');
        return { version: index, wish };
      } catch (error) {
        if (!(error instanceof TsoError) || error.code !== 'CONFLICT' || attempt >= limits.conflictRetries) throw error;
      }
    }
  }
}

const refuseOtherVersion = (view: View, name: string, expected: number | undefined): void => {
  const actual = view.stackByName(name)?.meta.version ?? 0;
  if (expected === undefined || expected === actual) return;
  throw new TsoError('CONFLICT', `stack ${name} is at version ${actual}, not at ${expected}: someone changed it meanwhile`, {
    hint: 'Look at what changed (tso diff) and apply again',
    details: { expected, actual },
  });
};
