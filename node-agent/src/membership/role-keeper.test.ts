import test from 'ava';
import fc from 'fast-check';
import { limits } from '../limits.ts';
import { CollectedLog } from '../testing/collected-log.ts';
import { eventually } from '../testing/eventually.ts';
import { ManualClock } from '../testing/manual-clock.ts';
import { Script } from '../testing/script.ts';
import type { Identity, Membership } from './identity.ts';
import type { ManagerSettings } from './manager-flags.ts';
import { RoleKeeper } from './role-keeper.ts';
import type { NodeKind } from './role-steps.ts';

const membership = (role: NodeKind): Membership => ({
  clusterId: 'c',
  role,
  retired: false,
  founder: false,
  leaving: false,
  addressPool: '10.64.0.0/12',
  firstVni: 1,
  vxlanPort: 4789,
  subnetPrefix: 24,
  listenAddr: '0.0.0.0:1',
  advertiseAddr: '10.0.0.1:1',
});

const settings = (): ManagerSettings => ({
  nodeId: 'n',
  addressPool: '',
  subnetPrefix: 24,
  firstVni: 1,
  vxlanPort: 1,
  identityDir: '',
  listenAddr: '',
  advertiseAddr: '',
  join: 'm:1',
});

/** What outlives an agent: its disk, and what the cluster thinks of the node. */
class Node {
  identity: Identity;
  certificate: NodeKind;
  /** The generation of the manager whose state is on disk; undefined: none. */
  state: number | undefined;
  /** What the cluster gives certificates for. */
  wanted: NodeKind;
  /** Generations that left the group for good. */
  readonly dead = new Set<number>();
  /** A manager that began on what had left the group although the agent knew: never. */
  readonly undead: number[] = [];
  /** Questions to managers that fail before one is answered. */
  outages = 0;
  readonly clock = new ManualClock();
  readonly log = new CollectedLog();
  script = new Script();
  keeper: RoleKeeper | undefined;
  runs = false;
  #generations = 0;

  constructor(role: NodeKind) {
    this.identity = { nodeId: 'n', membership: membership(role) };
    this.certificate = role;
    this.wanted = role;
    if (role === 'manager') this.state = this.#generations;
  }

  /** A new life of the agent; the manager ended with the one before. */
  async start(crashAt = Number.POSITIVE_INFINITY): Promise<void> {
    const script = new Script();
    script.crashAt(crashAt);
    this.script = script;
    this.runs = false;
    const node = this;
    const keeper = new RoleKeeper({
      clock: this.clock,
      logger: this.log,
      identity: {
        get current() {
          return node.identity;
        },
        change: (change) =>
          script.perform('identity.change', '', () => {
            const changed = { ...membership('worker'), ...this.identity.membership, ...change };
            this.identity = { nodeId: 'n', membership: changed };
            return changed;
          }),
      },
      certificates: {
        get role() {
          return node.certificate;
        },
        load: async () => undefined,
      },
      manager: {
        get isThere() {
          return node.runs;
        },
        run: () => script.perform('manager.run', '', () => this.#run()),
        halt: () =>
          script.perform('manager.halt', '', () => {
            this.runs = false;
          }),
      },
      settings,
      managerState: {
        exists: () => script.perform('state.exists', '', () => this.state !== undefined),
        erase: () =>
          script.perform('state.erase', '', () => {
            this.state = undefined;
          }),
      },
      renew: () => script.perform('renew', '', () => this.#renew()),
    });
    this.keeper = keeper;
    await keeper.start();
    await this.#alive(keeper.settle());
  }

  /** What the cluster decides, as the agent hears it. */
  async decide(role: NodeKind): Promise<void> {
    if (role === 'worker' && this.state !== undefined) this.dead.add(this.state);
    this.wanted = role;
    if (this.keeper !== undefined) await this.#alive(this.keeper.wish(role));
  }

  /** As the work under way ends, or the life does. */
  async #alive(work: Promise<void>): Promise<void> {
    await Promise.race([work, this.script.crashed]);
  }

  #run() {
    if (this.state === undefined) {
      this.#generations += 1;
      this.state = this.#generations;
    } else if (this.dead.has(this.state)) {
      if (this.identity.membership?.retired === true) this.undead.push(this.state);
      // It finds out by itself, and says so.
      setImmediate(() => void this.keeper?.retire());
    }
    this.runs = true;
    return { kind: 'ready' } as const;
  }

  #renew(): void {
    if (this.outages > 0) {
      this.outages -= 1;
      throw new Error('no manager of the cluster answers');
    }
    this.certificate = this.wanted;
  }

  get isDone(): boolean {
    const { membership: now } = this.identity;
    const right = now?.role === this.wanted && !now.retired && this.certificate === this.wanted;
    return right && this.runs === (this.wanted === 'manager') && (this.state !== undefined) === this.runs;
  }

  /** Pauses pass until it is what it is to be. */
  async settle(): Promise<void> {
    await eventually('it is what the cluster wishes', () => {
      if (!this.isDone) this.clock.advance(limits.roleRetryMinMs);
      return this.isDone;
    });
  }
}

const role = fc.constantFrom<NodeKind>('worker', 'manager');
const life = fc.record({
  /** Point of the agent's life at which it ends. */
  crashAt: fc.integer({ min: 1, max: 24 }),
  decisions: fc.array(role, { maxLength: 3 }),
  outages: fc.nat(2),
});

test('at whatever point it ends and whatever is decided meanwhile, the next life arrives where the cluster wishes', (t) =>
  fc.assert(
    fc.asyncProperty(role, fc.array(life, { maxLength: 4 }), role, async (first, lives, last) => {
      const node = new Node(first);
      for (const { crashAt, decisions, outages } of lives) {
        node.outages = outages;
        await node.start(crashAt);
        for (const decision of decisions) await node.decide(decision);
        node.script.crash();
      }
      node.outages = 1;
      await node.start();
      await node.decide(last);
      await node.settle();
      t.deepEqual(node.undead, []);
      await node.keeper?.stop();
    }),
    { numRuns: 150 },
  ));

test('a manager that finds itself outside of the group begins anew when its node is to be one all the same', async (t) => {
  const node = new Node('manager');
  node.dead.add(0);
  await node.start();
  await eventually('it asks again', () => node.script.named('renew').length === 1 && node.clock.pending === 1);
  t.regex(node.keeper?.problem ?? '', /a certificate for a manager, not for a worker/);
  t.false(node.runs, 'it came back while its demotion may be under way');
  await node.settle();
  t.is(node.state, 1);
  t.is(node.keeper?.problem, '');
});

test('what failed is tried again after a pause that doubles, and what is the matter is shown until it is over', async (t) => {
  const node = new Node('worker');
  await node.start();
  node.outages = 3;
  await node.decide('manager');
  const pauses = [1, 2, 4].map((factor) => factor * limits.roleRetryMinMs);
  for (const pauseMs of pauses) {
    await eventually('it pauses', () => node.clock.delays.at(-1) === pauseMs);
    t.is(node.keeper?.problem, 'no manager of the cluster answers');
    node.clock.advance(pauseMs);
  }
  await node.settle();
  t.is(node.keeper?.problem, '');
  t.is(node.log.at('warn').length, 3);
});

test('an agent that stops in the middle takes no further step', async (t) => {
  const node = new Node('worker');
  await node.start();
  const hold = node.script.holdNext('renew');
  await node.decide('manager');
  await hold.reached;
  const stopped = node.keeper?.stop();
  hold.release();
  await stopped;
  t.false(node.runs);
  t.is(node.clock.pending, 0);
  t.deepEqual(node.script.named('manager.run'), []);
});

test('a manager that does not start is shown with its own words, until it does', async (t) => {
  const node = new Node('manager');
  const answers = [{ kind: 'failed', message: 'the port is taken' }] as const;
  const keeper = new RoleKeeper({
    clock: node.clock,
    logger: node.log,
    identity: { current: node.identity, change: async () => membership('manager') },
    certificates: { role: 'manager', load: async () => undefined },
    manager: {
      get isThere() {
        return node.runs;
      },
      run: async () => {
        node.runs = true;
        return answers[0];
      },
      halt: async () => undefined,
    },
    settings,
    managerState: { exists: async () => true, erase: async () => undefined },
    renew: async () => undefined,
  });
  await keeper.start();
  t.deepEqual(await keeper.settleWith(undefined), answers[0]);
  t.is(keeper.problem, 'the manager of this node does not start: the port is taken');
  keeper.managerReady();
  t.is(keeper.problem, '');
});
