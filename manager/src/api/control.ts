import {
  type ApplyStackReply,
  type ApplyStackRequest,
  type Clock,
  type Logger,
  type Random,
  type RemoveStackReply,
  type RemoveStackRequest,
  type ScaleServicesReply,
  type ScaleServicesRequest,
  TsoError,
} from '@tso/proto';
import type { CallContext, Control as ControlService, Handlers } from '@tso/proto/rpc';
import { limits } from '../limits.ts';
import { expectationsOf } from '../log/expectations.ts';
import type { Proposer } from '../log/proposer.ts';
import type { View } from '../store/view.ts';
import { applyStackChanges, removeStackChanges, type StackChanges, scaleChanges } from './changes.ts';
import { exec } from './exec.ts';
import { logs } from './logs.ts';
import type { Relays } from './relays.ts';
import { clusterInfo, listStacks, listTasks, stackView } from './stack-view.ts';
import { validateStack } from './validate.ts';
import { watchStack } from './watch.ts';

export interface ControlPorts {
  readonly proposer: Proposer;
  readonly relays: Relays;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** Aborted when the manager stops: ends the streams that have no end of their own. */
  readonly stopping: AbortSignal;
}

interface Written {
  readonly version: number;
  readonly wish: StackChanges;
}

/** What operators ask of the cluster. Reads come from the view; a change is answered once it is durable. */
export class ControlApi {
  readonly #ports: ControlPorts;
  /** One change is decided and written at a time: two that make the same thing at once would not see each other. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(ports: ControlPorts) {
    this.#ports = ports;
  }

  get #view(): View {
    return this.#ports.proposer.view;
  }

  readonly handlers: Handlers<typeof ControlService> = {
    applyStack: (request) => this.#applyStack(request),
    removeStack: (request) => this.#removeStack(request),
    scaleServices: (request) => this.#scaleServices(request),
    getStack: async ({ name }) => stackView(this.#view, name),
    listStacks: async () => listStacks(this.#view),
    listTasks: async (request) => listTasks(this.#view, request),
    listNodes: async () => ({ nodes: this.#view.nodes() }),
    getInfo: async () => clusterInfo(this.#view),
    watchStack: (request, context) => watchStack(this.#ports, request, this.#untilEnd(context)),
    logs: (request, context) => logs(this.#ports, request, this.#untilEnd(context)),
    exec: (requests, context) => exec(this.#ports, requests, this.#untilEnd(context)),
  };

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
      const wish = decide(this.#view);
      return { version: this.#view.index, changes: wish.changes, warnings: wish.warnings };
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

  #write(what: string, decide: (view: View) => StackChanges): Promise<Written> {
    const mine = this.#turn.then(() => this.#decideAndPropose(what, decide));
    // The next one's turn comes whatever became of this one; its caller is told by `mine`.
    this.#turn = mine.catch(() => undefined);
    return mine;
  }

  /** Planner and agents change the same objects beside us: decided again on what they made of them. */
  async #decideAndPropose(what: string, decide: (view: View) => StackChanges): Promise<Written> {
    const { proposer, clock, logger } = this.#ports;
    for (let attempt = 1; ; attempt++) {
      const wish = decide(proposer.view);
      if (wish.actions.length === 0) return { version: proposer.view.index, wish };
      const expect = expectationsOf(proposer.view, wish.actions);
      try {
        const { index } = await proposer.propose({ actions: wish.actions, expect, atMs: clock.now(), origin: 'api' });
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
