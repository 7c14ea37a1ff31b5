import { NodeAvailability, ServiceMode, TaskState } from '@tso/proto';
import test from 'ava';
import fc from 'fast-check';
import { stackView } from './api/stack-view.ts';
import { doneCount } from './rules/places.ts';
import { isAssigned, isLive } from './rules/task-facts.ts';
import { nodeNamed, serviceSpec, stackSpec } from './testing/specs.ts';
import { World } from './testing/world.ts';

interface Versions {
  readonly db: number;
  readonly migrate: number;
  readonly web: number;
}

/** A database, a migration that waits for it, and a service that waits for both and is restarted with the database. */
const stackOf = ({ db, migrate, web }: Versions) => {
  const on = (service: string, condition: string, restart = false) => ({
    service,
    condition: `service_${condition}`,
    required: true,
    restart,
  });
  const image = (name: string, version: number) => ({ container: { image: `${name}:${version}` } });
  return stackSpec('shop', [
    serviceSpec('db', { task: image('db', db) }),
    serviceSpec('migrate', {
      mode: ServiceMode.REPLICATED_JOB,
      replicas: 0,
      job: { totalCompletions: 2, maxConcurrent: 1 },
      task: image('migrate', migrate),
      dependsOn: [on('db', 'healthy')],
    }),
    serviceSpec('web', {
      replicas: 2,
      task: image('web', web),
      dependsOn: [on('migrate', 'completed_successfully'), on('db', 'healthy', true)],
    }),
  ]);
};

const version = fc.integer({ min: 1, max: 3 });
const step = fc.oneof(
  fc.record({ does: fc.constant('up' as const), versions: fc.record({ db: version, migrate: version, web: version }) }),
  fc.record({ does: fc.constantFrom('agents' as const, 'wait' as const, 'down' as const) }),
  fc.record({ does: fc.constant('end' as const), state: fc.constantFrom(TaskState.FAILED, TaskState.COMPLETE), pick: fc.nat(10) }),
  fc.record({ does: fc.constant('node' as const), availability: fc.constantFrom(NodeAvailability.ACTIVE, NodeAvailability.DRAIN) }),
);

type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

const serviceOf = (world: World, name: string) => world.tables.services().find(({ spec, removing }) => spec.name === name && !removing);

/** Throws when the first task of what `web` is now was given to a node before the job was done, or when the database is stopped before those that need it. */
class Watcher {
  readonly #world: World;
  readonly #begun = new Set<string>();

  constructor(world: World) {
    this.#world = world;
  }

  look(): void {
    const { tables } = this.#world;
    const [web, migrate] = [serviceOf(this.#world, 'web'), serviceOf(this.#world, 'migrate')];
    if (web !== undefined && migrate !== undefined) {
      const key = `${web.id} ${web.specVersion}`;
      const isBegun = tables.tasksOfService(web.id).some((task) => task.specVersion === web.specVersion && isAssigned(task));
      if (isBegun && !this.#begun.has(key) && doneCount(tables, migrate) < 2) this.#fail('web was begun before migrate was done');
      if (isBegun) this.#begun.add(key);
    }
    for (const service of tables.services().filter(({ spec, removing }) => spec.name === 'db' && removing)) {
      const isStopped = tables
        .tasksOfService(service.id)
        .some((task) => isLive(task) && isAssigned(task) && task.desiredState === TaskState.REMOVE);
      const others = tables.services().filter(({ spec, removing }) => removing && spec.name !== 'db');
      const remaining = others.flatMap(({ id }) => tables.tasksOfService(id)).filter((task) => isLive(task) && isAssigned(task));
      if (isStopped && remaining.length > 0) this.#fail('db was stopped before those that depend on it');
    }
  }

  #fail(what: string): never {
    throw new Error(`${what}:\n${this.#world.lines().join('\n')}`);
  }
}

/** Lets everything go well until nothing is left to do. */
const finish = (world: World): void => {
  for (let round = 0; round < 30; round += 1) {
    world.run();
    world.advance(60_000);
    const job = world.tables.tasks().find((task) => task.serviceName === 'migrate' && task.status.state === TaskState.RUNNING);
    if (job !== undefined) world.report(job, { state: TaskState.COMPLETE, exitCode: 0 });
  }
};

const take = (world: World, each: Step): void => {
  if (each.does === 'up') world.up(stackOf(each.versions));
  else if (each.does === 'agents') world.agentsStep();
  else if (each.does === 'wait') world.advance(10_000);
  else if (each.does === 'node') world.changeNode('beta', { availability: each.availability });
  else if (each.does === 'down') {
    if (world.tables.stackByName('shop') !== undefined) world.down('shop');
  } else if (each.does === 'end') {
    const running = world.tables.tasks().filter(({ status }) => status.state === TaskState.RUNNING);
    const task = running[each.pick % Math.max(1, running.length)];
    if (task !== undefined) world.report(task, { state: each.state, error: '' });
  }
};

test('whatever happens, nothing begins before what it waits for, nothing ends before who needs it, and all comes to what is wished', (t) => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 25 }), (steps) => {
      const world = new World([nodeNamed('alpha'), nodeNamed('beta')]);
      const watcher = new Watcher(world);
      for (const each of steps) {
        take(world, each);
        watcher.look();
      }
      world.up(stackOf({ db: 1, migrate: 1, web: 1 }));
      finish(world);
      watcher.look();
      const views = stackView(world.tables, 'shop').services.filter(({ service }) => !service.removing);
      const late = views
        .filter(({ converged }) => !converged)
        .map(({ service, waitingReason }) => `${service.spec.name}: ${waitingReason}`);
      if (late.length > 0) throw new Error(`${late.join('; ')}\n${world.lines().join('\n')}`);
      const replacedAtMs = serviceOf(world, 'db')?.update?.startedAtMs ?? 0;
      const old = world.tables.tasks().find((task) => task.serviceName === 'web' && isLive(task) && task.meta.createdAtMs < replacedAtMs);
      if (old !== undefined)
        throw new Error(`a task of web is older than the database that it was to be restarted after:\n${world.lines().join('\n')}`);
      if (world.settle() > 0) throw new Error('it does not come to rest');
    }),
    { numRuns: 60, includeErrorInReport: true },
  );
  t.pass();
});
