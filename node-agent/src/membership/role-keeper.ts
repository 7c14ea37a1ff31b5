import { type Clock, type Lifecycle, type Logger, sentenceOf, TsoError } from '@tso/proto';
import { Latest } from '../latest.ts';
import { limits } from '../limits.ts';
import type { NodeCertificates } from './certificates.ts';
import type { IdentityFile } from './identity.ts';
import type { ManagerAnswer, ManagerChild } from './manager-child.ts';
import type { ManagerOrder, ManagerSettings } from './manager-flags.ts';
import { type NodeKind, nextRoleStep, type RoleStep } from './role-steps.ts';

export interface RoleKeeperPorts {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly identity: Pick<IdentityFile, 'current' | 'change'>;
  readonly certificates: Pick<NodeCertificates, 'role' | 'load'>;
  readonly manager: Pick<ManagerChild, 'isThere' | 'run' | 'halt'>;
  readonly settings: () => ManagerSettings;
  /** What a manager has on disk. */
  readonly managerState: { readonly exists: () => Promise<boolean>; readonly erase: () => Promise<void> };
  /** Gets a certificate in the role that the cluster wishes. */
  readonly renew: () => Promise<void>;
}

/**
 * Brings this node to the role that the cluster wishes it to have, step by step; what is wished is durable before the first step, and each
 * step can be done again, so that an agent that ends anywhere goes on where it was.
 */
export class RoleKeeper implements Lifecycle {
  readonly #ports: RoleKeeperPorts;
  readonly #working = new Latest(() => this.#settle());
  #stopped = true;
  #failures = 0;
  #problem = '';
  /** How often in a row a worker was given a manager's certificate. */
  #insisted = 0;
  #cancelRetry: () => void = () => undefined;
  /** For the next start of the manager only. */
  #order: ManagerOrder | undefined;
  #answer: ManagerAnswer | undefined;

  constructor(ports: RoleKeeperPorts) {
    this.#ports = ports;
  }

  async start(): Promise<void> {
    this.#stopped = false;
  }

  /** Leaves the node in whatever step it is; start() and settle() go on from there. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancelRetry();
    // A step that just fails is of no interest any more.
    await this.#working.request().catch(() => undefined);
  }

  /** What keeps the node from its role; empty: nothing. */
  get problem(): string {
    return this.#problem;
  }

  /** The manager answers: whatever kept it from that is over. */
  managerReady(): void {
    this.#problem = '';
  }

  /** The cluster's word, durable when this resolves; what it takes goes on by itself. */
  async wish(role: NodeKind): Promise<void> {
    const { membership } = this.#ports.identity.current;
    if (membership === undefined || membership.role === role) return;
    this.#ports.logger.info({ role }, 'the cluster wishes this node to have another role');
    this.#insisted = 0;
    await this.#ports.identity.change(role === 'worker' ? retirement : { role });
    void this.settle();
  }

  /** The manager of this node left the group: it is a worker until the cluster says otherwise. */
  async retire(): Promise<void> {
    if (this.#ports.identity.current.membership === undefined) return;
    await this.#ports.identity.change(retirement);
    void this.settle();
  }

  /** Does what is to be done now. Resolves when nothing is left, or when something failed, which is tried again by and by. */
  async settle(): Promise<void> {
    this.#cancelRetry();
    try {
      await this.#working.request();
      this.#failures = 0;
    } catch (error) {
      this.#failed(error);
    }
  }

  /** The same, with an order for the first start of the manager. How that went; undefined: it did not come to that. */
  async settleWith(order: ManagerOrder | undefined): Promise<ManagerAnswer | undefined> {
    this.#order = order;
    this.#answer = undefined;
    await this.settle();
    this.#order = undefined;
    return this.#answer;
  }

  #failed(error: unknown): void {
    this.#problem = sentenceOf(error);
    this.#failures += 1;
    const pauseMs = Math.min(limits.roleRetryMaxMs, limits.roleRetryMinMs * 2 ** Math.min(this.#failures - 1, 16));
    this.#ports.logger.warn({ error: sentenceOf(error), pauseMs }, 'this node could not take on its role yet; tries again');
    if (!this.#stopped) this.#cancelRetry = this.#ports.clock.setTimer(pauseMs, () => void this.settle());
  }

  async #settle(): Promise<void> {
    while (!this.#stopped) {
      const { membership } = this.#ports.identity.current;
      if (membership === undefined) return;
      const step = nextRoleStep({
        wished: membership.role,
        retired: membership.retired,
        certificate: this.#ports.certificates.role,
        managerRuns: this.#ports.manager.isThere,
        hasState: await this.#ports.managerState.exists(),
      });
      if (step === 'none') return;
      this.#ports.logger.info({ step, role: membership.role }, 'takes a step to its role');
      await this.#perform(step, membership.role);
    }
  }

  async #perform(step: Exclude<RoleStep, 'none'>, wished: NodeKind): Promise<void> {
    const { manager, managerState } = this.#ports;
    switch (step) {
      case 'stop':
        return manager.halt();
      case 'erase':
        return managerState.erase();
      case 'renew':
        return this.#renew(wished);
      case 'start':
        return this.#start();
      default:
        return step satisfies never;
    }
  }

  async #renew(wished: NodeKind): Promise<void> {
    await this.#ports.renew();
    const role = this.#believed(wished);
    this.#insisted = 0;
    await this.#ports.identity.change({ role, retired: false });
    this.#problem = '';
  }

  /** The role to go on with, now that there is another certificate. FAILED_PRECONDITION: it is not the one that was wished, or not yet. */
  #believed(wished: NodeKind): NodeKind {
    const { role } = this.#ports.certificates;
    if (role === wished) return wished;
    this.#insisted += 1;
    // A manager that left the group makes its node a worker before anybody says so, and this one may be to be a manager all the same.
    if (wished === 'worker' && role === 'manager' && this.#insisted > limits.roleInsistences) return role;
    throw new TsoError('FAILED_PRECONDITION', `the cluster gave a certificate for a ${role ?? 'nobody'}, not for a ${wished}`, {
      details: { role, wished },
    });
  }

  async #start(): Promise<void> {
    const { manager, settings, certificates } = this.#ports;
    const answer = await manager.run(settings, this.#order);
    this.#answer = answer;
    // One that cannot start is started again by and by; its own words are what an operator needs.
    this.#problem = answer.kind === 'failed' ? `the manager of this node does not start: ${answer.message}` : '';
    // The first manager of a cluster, or of a restored one, has just made this node's certificate.
    if (answer.kind === 'ready') await certificates.load();
  }
}

const retirement = { role: 'worker', retired: true, founder: false } as const;
