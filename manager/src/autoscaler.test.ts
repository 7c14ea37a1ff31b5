import {
  type AutoscaleSpec,
  NodeAvailability,
  present,
  type Service,
  type ServiceSpec,
  TaskState,
  type Transaction,
  TsoError,
} from '@tso/proto';
import test from 'ava';
import { Autoscaler } from './autoscaler.ts';
import { UsageBook } from './dispatcher/usage-book.ts';
import type { Proposer } from './replication/proposer.ts';
import { applyTransaction } from './store/apply.ts';
import { ManualClock } from './testing/manual-clock.ts';
import { silentLogger } from './testing/ports.ts';
import { nodeNamed, serviceSpec, stackSpec } from './testing/specs.ts';
import { World } from './testing/world.ts';

const second = 1_000;
const autoscale: AutoscaleSpec = { min: 1, max: 6, cpuPercent: 50, memoryPercent: 0, coolDownMs: 60_000 };
const web = (change: Parameters<typeof serviceSpec>[1] = {}): ServiceSpec => serviceSpec('web', { autoscale, ...change });

const settled = async (): Promise<void> => {
  for (let turn = 0; turn < 50; turn++) await Promise.resolve();
};

/** A service under a load that all its running tasks share, one CPU each at most, measured and scaled as in a cluster. */
class Load {
  readonly world = new World([nodeNamed('alpha', {}), nodeNamed('beta', {})]);
  readonly clock = new ManualClock();
  readonly written: Transaction[] = [];
  /** How many CPUs the requests take in all. */
  cpus = 0;
  memoryBytes = 0;
  /** Tasks whose node does not measure them. */
  readonly silent = new Set<string>();
  failure: TsoError | undefined;
  /** What others do between a look and its write. */
  meanwhile: () => void = () => undefined;
  readonly numbers: number[] = [];
  readonly #used = new Map<string, number>();
  #book = new UsageBook({ heartbeatMs: second });
  #session = 1;
  #scaler: Autoscaler | undefined;

  async begin(spec: ServiceSpec = web()): Promise<this> {
    this.#tell();
    this.world.up(stackSpec('shop', [spec]));
    this.world.run();
    await this.elect();
    return this;
  }

  get service(): Service {
    return present(this.world.tables.servicesOfStack('shop')[0], 'the service');
  }

  get running(): number {
    return this.world.tables.tasks().filter(({ status }) => status.state === TaskState.RUNNING).length;
  }

  get writes(): number {
    return this.written.length;
  }

  /** Another manager leads from now on. */
  async elect(): Promise<void> {
    await this.#scaler?.stop();
    this.#book = new UsageBook({ heartbeatMs: second });
    this.#session += 1;
    this.#scaler = new Autoscaler({ proposer: this.#proposer(), usage: this.#book, clock: this.clock, logger: silentLogger });
    await this.#scaler.start();
    await settled();
  }

  async pass(seconds: number, meanwhile: (atSecond: number) => void = () => undefined): Promise<void> {
    for (let at = 0; at < seconds; at += 1) {
      meanwhile(at);
      this.#measure();
      this.clock.advance(second);
      this.#tell();
      await settled();
      this.world.run();
      this.numbers.push(this.running);
    }
  }

  change(change: Partial<Service>): void {
    this.world.commit([{ putService: { ...this.service, ...change } }]);
    this.world.run();
  }

  async stop(): Promise<void> {
    await this.#scaler?.stop();
  }

  #tell(): void {
    this.world.now = this.clock.now();
  }

  #measure(): void {
    const tasks = this.world.tables.tasks().filter(({ status }) => status.state === TaskState.RUNNING);
    const each = Math.min(1, this.cpus / Math.max(1, tasks.length));
    for (const { id, nodeId } of tasks) {
      this.#used.set(id, (this.#used.get(id) ?? 0) + each * 1e9);
      if (this.silent.has(id) || !this.#book.wantedOf(nodeId).includes(id)) continue;
      const usage = { taskId: id, atMs: this.clock.now(), cpuNs: this.#used.get(id) ?? 0, memoryBytes: this.memoryBytes };
      this.#book.take(nodeId, this.#session, [usage], this.clock.now());
    }
  }

  #proposer(): Proposer {
    const { tables } = this.world;
    return {
      view: tables,
      propose: async (transaction) => {
        if (this.failure !== undefined) throw this.failure;
        this.meanwhile();
        const result = applyTransaction(tables, tables.index + 1, transaction);
        if (!result.ok) throw new TsoError('CONFLICT', 'it was changed meanwhile');
        this.written.push(transaction);
        return { index: tables.index };
      },
      fresh: async () => undefined,
      subscribe: () => {
        throw new Error('an autoscaler watches nothing');
      },
    };
  }
}

test('a load that comes brings tasks within half a minute, and one that goes takes them away after the cool-down', async (t) => {
  const load = await new Load().begin();
  load.cpus = 1.4;
  await load.pass(30);
  t.is(load.running, 3, 'three tasks take 47 % each');
  t.regex(load.service.autoscale?.message ?? '', /^went from \d to 3: mean CPU \d+ % \(50 % wished\)$/);
  load.cpus = 0.1;
  await load.pass(55);
  t.is(load.running, 3, 'not before the cool-down is over');
  await load.pass(30);
  t.is(load.running, 1);
  t.regex(
    load.service.autoscale?.message ?? '',
    /^went from \d to 1: for 1 min no more than 1 task needed, mean CPU \d+ % \(50 % wished\)$/,
  );
  await load.stop();
});

test('it goes up by no more than it needs, although those that start share the load late', async (t) => {
  const load = await new Load().begin();
  load.cpus = 1.4;
  await load.pass(120);
  t.is(Math.max(...load.numbers), 3, load.numbers.join(' '));
  await load.stop();
});

test('it doubles at most in one step, and never has more than it may', async (t) => {
  const load = await new Load().begin(web({ autoscale: { ...autoscale, cpuPercent: 10, max: 5 } }));
  load.cpus = 8;
  await load.pass(90);
  t.is(load.running, 5);
  t.deepEqual([...new Set(load.numbers)], [1, 2, 4, 5]);
  await load.pass(90);
  t.is(load.service.autoscale?.message, 'stays at 5: its load asks for more, and that is the most it may have');
  await load.stop();
});

test('a load that comes and goes keeps its tasks', async (t) => {
  const load = await new Load().begin();
  await load.pass(240, (at) => {
    load.cpus = Math.floor(at / 20) % 2 === 0 ? 1.4 : 0;
  });
  t.deepEqual([...new Set(load.numbers.slice(60))], [3]);
  t.true(load.writes <= 3, `${load.writes} writes`);
  await load.stop();
});

test('nothing is written while nothing changes', async (t) => {
  const load = await new Load().begin();
  load.cpus = 0.3;
  await load.pass(300);
  t.is(load.writes, 0);
  await load.stop();
});

test('a load about its target changes nothing', async (t) => {
  const load = await new Load().begin(web({ replicas: 2 }));
  await load.pass(200, (at) => {
    load.cpus = at % 20 < 10 ? 0.93 : 1.07;
  });
  t.deepEqual([...new Set(load.numbers)], [2]);
  await load.stop();
});

test('a task that nobody measures counts as idle on the way up, and as busy on the way down', async (t) => {
  const load = await new Load().begin(web({ replicas: 2 }));
  load.silent.add(load.world.task('web.2').id);
  load.cpus = 1.2;
  await load.pass(60);
  t.is(load.running, 2, 'a half that has 60 % and one that may have none need no third');
  load.cpus = 0.1;
  await load.pass(200);
  t.is(load.running, 2, 'the other may have all that it may');
  load.silent.clear();
  await load.pass(90);
  t.is(load.running, 1);
  await load.stop();
});

test('without any figures it stays, and says so', async (t) => {
  const load = await new Load().begin(web({ replicas: 2 }));
  for (const slot of ['web.1', 'web.2']) load.silent.add(load.world.task(slot).id);
  await load.pass(100);
  t.is(load.running, 2);
  t.like(load.service.autoscale, { replicas: 2, scaledAtMs: 0, message: 'stays at 2: there are no figures of its running tasks' });
  t.is(load.writes, 1);
  load.silent.clear();
  load.cpus = 1;
  await load.pass(100);
  t.is(load.service.autoscale?.message, 'stays at 2: its load asks for no other number');
  await load.stop();
});

test('the next leader keeps the number, and takes nothing away before it has looked for a whole cool-down', async (t) => {
  const load = await new Load().begin();
  load.cpus = 2.4;
  await load.pass(60);
  t.is(load.running, 5);
  load.cpus = 0.1;
  await load.pass(50);
  await load.elect();
  await load.pass(50);
  t.is(load.running, 5);
  await load.pass(30);
  t.is(load.running, 1);
  await load.stop();
});

test('nothing is taken away while its tasks are paused', async (t) => {
  const load = await new Load().begin(web({ replicas: 3 }));
  const task = load.world.task('web.2');
  load.world.commit([{ putTask: { ...task, paused: true } }]);
  await load.pass(200);
  t.is(load.running, 3);
  load.world.commit([{ putTask: { ...present(load.world.tables.task(task.id), 'web.2'), paused: false } }]);
  await load.pass(90);
  t.is(load.running, 1);
  await load.stop();
});

test('a stopped service is left alone, and comes back with the number it had', async (t) => {
  const load = await new Load().begin();
  load.cpus = 1.4;
  await load.pass(40);
  t.is(load.service.autoscale?.replicas, 3);
  load.change({ stopped: true });
  await load.pass(200);
  t.is(load.service.autoscale?.replicas, 3);
  t.is(load.running, 0);
  load.change({ stopped: false });
  await load.pass(2);
  t.is(load.running, 3);
  await load.stop();
});

test('new bounds are kept at once', async (t) => {
  const load = await new Load().begin();
  load.cpus = 2.4;
  await load.pass(60);
  t.is(load.running, 5);
  load.change({ spec: { ...load.service.spec, autoscale: { ...autoscale, max: 2 } } });
  await load.pass(6);
  t.is(load.running, 2);
  t.like(load.service.autoscale, { replicas: 2, message: 'went from 5 to 2: it is to have 1 to 2' });
  await load.stop();
});

test('a task that no node takes is not followed by others', async (t) => {
  const load = await new Load().begin(
    web({ task: { reservations: { nanoCpus: 4e9, memoryBytes: 0, pids: 0 } }, autoscale: { ...autoscale, cpuPercent: 5 } }),
  );
  load.cpus = 20;
  await load.pass(120);
  t.is(load.running, 2, 'each node has room for one');
  t.is(load.service.autoscale?.replicas, 4);
  t.is(load.service.autoscale?.message, 'stays at 4: its load asks for more, but it has a task already that no node takes');
  await load.stop();
});

test('memory counts as a part of what is reserved', async (t) => {
  const mib = 1024 ** 2;
  const task = { reservations: { nanoCpus: 0, memoryBytes: 100 * mib, pids: 0 } };
  const load = await new Load().begin(web({ task, autoscale: { ...autoscale, cpuPercent: 0, memoryPercent: 70 } }));
  load.memoryBytes = 120 * mib;
  await load.pass(12);
  t.is(load.running, 2);
  t.is(load.service.autoscale?.message, 'went from 1 to 2: mean memory 120 % (70 % wished)');
  await load.stop();
});

test('a number that cannot be written is come to again', async (t) => {
  const load = await new Load().begin();
  load.cpus = 1.4;
  load.failure = new TsoError('UNAVAILABLE', 'nobody leads');
  await load.pass(30);
  t.is(load.running, 1);
  load.failure = undefined;
  await load.pass(30);
  t.is(load.running, 3);
  await load.stop();
});

test('what somebody else changes meanwhile is not overwritten', async (t) => {
  const load = await new Load().begin();
  load.cpus = 1.4;
  load.meanwhile = () => load.change({ stopped: true });
  await load.pass(30);
  t.true(load.service.stopped);
  t.is(load.service.autoscale, undefined);
  t.is(load.writes, 0);
  await load.stop();
});

test('tasks that leave a drained node take none of the others with them', async (t) => {
  const load = await new Load().begin(web({ replicas: 4 }));
  load.world.changeNode('beta', { availability: NodeAvailability.DRAIN });
  load.world.run();
  await load.pass(40);
  t.is(load.running, 4);
  await load.stop();
});
