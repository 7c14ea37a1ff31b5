import {
  type ApplyStackReply,
  type ApplyStackRequest,
  type ClusterInfo,
  type Logger,
  type Random,
  type RemoveStackReply,
  type RemoveStackRequest,
  TsoError,
} from '@tso/proto';
import type { CallContext, Control as ControlService, Handlers } from '@tso/proto/rpc';
import type { View } from '../store/view.ts';
import { type BackupPorts, backupHandlers } from './backup.ts';
import { callerOf } from './caller.ts';
import { applyStackChanges, removeStackChanges, type StackChanges } from './changes.ts';
import { clusterInfo } from './cluster-info.ts';
import { configHandlers } from './configs.ts';
import { stackConflict } from './conflict-rules.ts';
import { Events, type EventsPorts } from './events.ts';
import { Forward, type ForwardPorts } from './forward.ts';
import type { BuiltImages } from './images.ts';
import { networkHandlers } from './networks.ts';
import { type NodesPorts, nodeHandlers } from './nodes.ts';
import type { ExplainTask } from './placements.ts';
import { type PlansAhead, previewOf } from './preview.ts';
import type { MovesAhead } from './rebalance.ts';
import type { Relays } from './relays.ts';
import { secretHandlers } from './secrets.ts';
import { serviceHandlers } from './services.ts';
import { listStacks, listTasks, stackView } from './stack-view.ts';
import { taskStreamHandlers } from './task-streams.ts';
import { validateStack } from './validate.ts';
import { watchStack } from './watch.ts';
import { inTurn } from './wish-order.ts';
import type { WishedBy } from './wish-parts.ts';
import { type Asked, type Decided, type ReplyTo, type Wish, Writes, type WritesPorts, type WriteWish } from './writes.ts';

export interface ControlPorts extends BackupPorts, Omit<NodesPorts, 'writes'>, WritesPorts, Pick<EventsPorts, 'onApplied'> {
  readonly relays: Pick<Relays, 'open'>;
  readonly images: Pick<BuiltImages, 'load'>;
  readonly random: Random;
  readonly logger: Logger;
  /** Aborted when the manager stops: ends the streams that have no end of their own. */
  readonly stopping: AbortSignal;
  /** Streams to tasks: the agents are connected to the leader alone. */
  readonly office: ForwardPorts['office'];
  readonly leader: ForwardPorts['leader'];
  readonly movesAhead: MovesAhead;
  readonly explainTask: ExplainTask;
  readonly plansAhead: PlansAhead;
}

const longestTurnMs = 1_000;

/** What operators ask of the cluster. Reads come from a view that is fresh; a change is answered once it is durable. */
export class ControlApi {
  readonly #ports: ControlPorts;
  readonly #writes: Writes;
  /** One wish is decided and written after the other: those that come at once need not refuse and repeat each other (`inTurn`). */
  #turn: Promise<unknown> = Promise.resolve();

  readonly handlers: Handlers<typeof ControlService>;

  constructor(ports: ControlPorts) {
    this.#ports = ports;
    const forward = new Forward(ports);
    this.#writes = new Writes(ports);
    const write: WriteWish<Wish> = (asked, decide) => this.#write(asked, decide);
    const own = { ...ports, writes: this.#writes, write };
    this.handlers = {
      ...configHandlers(own),
      ...secretHandlers(own),
      ...backupHandlers(ports),
      ...nodeHandlers(own),
      ...networkHandlers(own),
      ...taskStreamHandlers(ports, forward),
      ...serviceHandlers({ ...own, read: (read) => this.#read(read), by: (context) => this.#by(context) }),
      ...new Events(ports).handlers,
      applyStack: (request, context) => this.#applyStack(request, context),
      removeStack: (request, context) => this.#removeStack(request, context),
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

  #by(context: CallContext): WishedBy & { readonly now: number } {
    const { random, clock } = this.#ports;
    return { changedBy: callerOf(context).actor, random: (count) => random.bytes(count), now: clock.now() };
  }

  #untilEnd({ signal }: CallContext): AbortSignal {
    return AbortSignal.any([signal, this.#ports.stopping]);
  }

  async #applyStack(request: ApplyStackRequest, context: CallContext): Promise<ApplyStackReply> {
    const { spec, expectedVersion, removeOrphans, services, dryRun, files, declared } = request;
    const { proposer } = this.#ports;
    const decide = (view: View): StackChanges => {
      const problem = validateStack(view, spec, removeOrphans, files, declared) ?? stackConflict(view, spec.name, expectedVersion);
      if (problem !== undefined) throw problem;
      return applyStackChanges(view, spec, { ...this.#by(context), removeOrphans, services, declared, contents: files });
    };
    if (dryRun) {
      return this.#read((view) => {
        const { actions, changes, warnings } = decide(view);
        const { preview, warnings: more } = previewOf(this.#ports.plansAhead, view, actions, spec.name, this.#ports.clock.now());
        return { version: view.index, changes, warnings: [...warnings, ...more], preview };
      });
    }
    return this.#write({ context, method: 'applyStack', request, target: `stack ${spec.name}` }, () => {
      const { actions, changes, warnings } = decide(proposer.view);
      return { actions, reply: { changes, warnings } };
    });
  }

  #removeStack(request: RemoveStackRequest, context: CallContext): Promise<RemoveStackReply> {
    const { name, volumes } = request;
    return this.#write({ context, method: 'removeStack', request, target: `stack ${name}` }, () => {
      const { actions, changes } = removeStackChanges(this.#ports.proposer.view, name, { volumes });
      return { actions, reply: { changes } };
    });
  }

  /** Planner, agents and other managers change the same objects beside us: decided again on what they made of them. */
  #write<W extends Wish>(asked: Asked<W> & { readonly context: CallContext }, decide: () => Decided<W>): Promise<ReplyTo<W>> {
    const { proposer, logger } = this.#ports;
    const write = async (): Promise<ReplyTo<W>> => {
      // Nobody waits for the answer any more: better not done than done without anybody's knowledge.
      if (asked.context.signal.aborted) throw cancelled(asked.target);
      const reply = await this.#writes.once(asked, () => {
        const decided = decide();
        return decided.actions.length === 0 ? decided : { ...decided, actions: inTurn(proposer.view, decided.actions) };
      });
      logger.info({ method: asked.method, target: asked.target, version: reply.version }, 'a wish was accepted');
      return reply;
    };
    const turn = this.#turn;
    const mine = turn.then(write);
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
}

const cancelled = (target: string): TsoError =>
  new TsoError('CANCELLED', `${target}: the caller went away before the change was begun`, { details: { outcome: 'refused' } });
