import {
  emptyPort,
  FileKind,
  type ServiceMode as Mode,
  type ObjectChange,
  present,
  RunState,
  ServiceMode,
  ServiceVerb,
  TaskState,
  UpdateFailureAction,
  UpdateState,
} from '@tso/proto';
import test from 'ava';
import { attachment, networkSpec, nodeNamed, serviceSpec, stackSpec } from '../testing/specs.ts';
import { World } from '../testing/world.ts';
import { stackView } from './stack-view.ts';
import { verbChanges } from './verbs.ts';

type Services = Parameters<typeof stackSpec>[1];
type More = Parameters<typeof stackSpec>[2];

const running = (services: Services, more?: More): World => {
  const world = new World([nodeNamed('a'), nodeNamed('b')]);
  world.up(stackSpec('shop', services, more));
  world.run();
  return world;
};
const image = (name: string) => ({ task: { container: { image: name } } });
const by = { changedBy: 'alice', now: 5, random: (count: number) => new Uint8Array(count) };
const told = (changes: readonly ObjectChange[]): readonly string[] =>
  changes.map(({ name, action, changes: [first], effect }) => {
    const field = first === undefined ? '' : ` ${first.path}: ${first.from} -> ${first.to}`;
    return `${name} ${action}${field}${effect === undefined ? '' : ` (${effect})`}`;
  });
const live = (world: World): readonly string[] => world.lines().filter((line) => line.includes(' running on '));
const service = (world: World, name: string) =>
  present(
    world.tables.services().find((each) => each.spec.name === name),
    name,
  );
const refused = (world: World, verb: ServiceVerb, services: readonly string[] = []): string => {
  const before = world.tables.index;
  try {
    verbChanges(world.tables, { stack: 'shop', services, verb }, by);
    return 'accepted';
  } catch (error) {
    return before === world.tables.index ? String(error) : 'something was changed';
  }
};

test('stopping takes all tasks away and keeps their number; starting brings it back', (t) => {
  const world = running([serviceSpec('web', { replicas: 3 })]);
  t.deepEqual(told(world.verb('shop', ServiceVerb.VERB_STOP).changes), ['web update stopped: no -> yes (stops 3 tasks)']);
  world.run();
  t.deepEqual(live(world), []);
  const [view] = stackView(world.tables, 'shop').services;
  t.like(view, { desired: 0, converged: true, failed: false, waitingReason: '' });
  t.is(view?.service.spec.replicas, 3);
  t.deepEqual(told(world.verb('shop', ServiceVerb.VERB_STOP, ['web']).changes), ['web none stopped:  -> it is stopped already']);
  t.deepEqual(told(world.verb('shop', ServiceVerb.VERB_START).changes), ['web update stopped: yes -> no (starts 3 tasks)']);
  world.run();
  t.is(live(world).length, 3);
  t.deepEqual(told(world.verb('shop', ServiceVerb.VERB_START).changes), ['web none stopped:  -> it is not stopped']);
});

test('a service that is being stopped says what it waits for', (t) => {
  const dependsOn = [{ service: 'db', condition: 'service_started', required: true, restart: false }];
  const world = running([serviceSpec('db'), serviceSpec('web', { dependsOn })]);
  world.verb('shop', ServiceVerb.VERB_STOP);
  const reasons = stackView(world.tables, 'shop').services.map(({ waitingReason }) => waitingReason);
  t.deepEqual(reasons, ['waits for web to end, which depends on it', 'waits for web.1 to end']);
});

test('applying the file again starts what was stopped, and tells of it', (t) => {
  const world = running([serviceSpec('web', { replicas: 2 })]);
  world.verb('shop', ServiceVerb.VERB_STOP);
  world.run();
  const { changes } = world.up(stackSpec('shop', [serviceSpec('web', { replicas: 2 })]));
  t.deepEqual(told(changes), ['web update stopped: yes -> no (starts 2 tasks)']);
  world.run();
  t.is(live(world).length, 2);
});

test('who is started has what it depends on started too, when that is stopped', (t) => {
  const on = (name: string, required = true) => ({ service: name, condition: 'service_started', required, restart: false });
  const world = running([
    serviceSpec('cache'),
    serviceSpec('db'),
    serviceSpec('api', { dependsOn: [on('db'), on('cache', false)] }),
    serviceSpec('web', { dependsOn: [on('api')] }),
  ]);
  world.verb('shop', ServiceVerb.VERB_STOP);
  world.run();
  const { changes } = world.verb('shop', ServiceVerb.VERB_START, ['web']);
  t.deepEqual(
    changes.map(({ name, action }) => `${name} ${action}`),
    ['web update', 'api update', 'db update'],
  );
  world.run();
  t.deepEqual(
    stackView(world.tables, 'shop').services.map(
      ({ service: { spec, stopped }, running: up }) => `${spec.name} ${up}${stopped ? ' stopped' : ''}`,
    ),
    ['api 1', 'cache 0 stopped', 'db 1', 'web 1'],
  );
});

test('a restart replaces each task once, and applying the same file afterwards replaces none', (t) => {
  const world = running([serviceSpec('web', { replicas: 2 })]);
  const before = world.tables.tasks().map(({ id }) => id);
  const { changes } = world.verb('shop', ServiceVerb.VERB_RESTART);
  t.deepEqual(told(changes), ['web update task.forceUpdate: 0 -> 1 (2 tasks replaced, 1 at a time, the old one stopped first)']);
  for (let round = 0; round < 4; round += 1) {
    world.run();
    world.sleep();
  }
  const after = world.tables.tasks().filter(({ status }) => status.state === TaskState.RUNNING);
  t.is(after.length, 2);
  t.true(after.every(({ id }) => !before.includes(id)));
  const { version } = present(world.tables.stackByName('shop'), 'shop').meta;
  const again = world.up(stackSpec('shop', [serviceSpec('web', { replicas: 2 })]));
  t.deepEqual(told(again.changes), ['web none']);
  t.deepEqual(again.actions, []);
  t.is(world.tables.stackByName('shop')?.meta.version, version);
});

test('a restart of what is stopped starts it', (t) => {
  const world = running([serviceSpec('web')]);
  world.verb('shop', ServiceVerb.VERB_STOP);
  world.run();
  t.deepEqual(told(world.verb('shop', ServiceVerb.VERB_RESTART).changes), ['web update stopped: yes -> no (starts 1 task)']);
});

test('a job runs again when it is restarted, a scheduled one beside its schedule', (t) => {
  const schedule = {
    cron: '0 3 * * *',
    timeZone: '',
    concurrency: 1,
    successfulHistory: 3,
    failedHistory: 1,
    startingDeadlineMs: 0,
  } as const;
  const mode: Mode = ServiceMode.REPLICATED_JOB;
  const world = running([serviceSpec('once', { mode }), serviceSpec('nightly', { mode, schedule })]);
  world.complete('once.1');
  const { changes } = world.verb('shop', ServiceVerb.VERB_RESTART);
  t.deepEqual(told(changes), [
    'nightly update runs:  -> one more (runs once now)',
    'once update task.forceUpdate: 0 -> 1 (runs anew, 1 time)',
  ]);
  t.deepEqual(
    service(world, 'nightly').runs.map(({ state, scheduledAtMs }) => [state, scheduledAtMs]),
    [[RunState.RUN_UNDER_WAY, 0]],
  );
  world.run();
  t.deepEqual(told(world.verb('shop', ServiceVerb.VERB_RESTART, ['nightly']).changes), [
    'nightly update runs:  -> run 1 was still under way (does not run now: run 1 was still under way)',
  ]);
});

test('tasks that run are frozen and let go on: those of a service, or one of them', (t) => {
  const world = running([serviceSpec('web', { replicas: 2 }), serviceSpec('db')]);
  const frozen = () =>
    world.tables
      .tasks()
      .filter((task) => task.paused === true)
      .map((task) => `${task.serviceName}.${task.slot}`)
      .sort();
  t.deepEqual(told(world.verb('shop', ServiceVerb.VERB_PAUSE, ['web.2']).changes), ['web.2 update paused: no -> yes (1 task frozen)']);
  t.deepEqual(frozen(), ['web.2']);
  t.deepEqual(told(world.verb('shop', ServiceVerb.VERB_PAUSE).changes), [
    'db update paused: no -> yes (1 task frozen)',
    'web update paused: no -> yes (1 task frozen)',
  ]);
  t.deepEqual(frozen(), ['db.1', 'web.1', 'web.2']);
  t.deepEqual(told(world.verb('shop', ServiceVerb.VERB_PAUSE, ['db']).changes), ['db none paused:  -> it is paused already']);
  t.deepEqual(told(world.verb('shop', ServiceVerb.VERB_UNPAUSE, ['web', 'db.1']).changes), [
    'web update paused: yes -> no (2 tasks let go on)',
    'db.1 update paused: yes -> no (1 task let go on)',
  ]);
  t.deepEqual(frozen(), []);
  t.deepEqual(told(world.verb('shop', ServiceVerb.VERB_UNPAUSE, ['web']).changes), ['web none paused:  -> it is not paused']);
});

test('what does not run yet is not frozen, and a place that is not there is no task', (t) => {
  const world = new World();
  world.up(stackSpec('shop', [serviceSpec('web')]));
  t.deepEqual(told(world.verb('shop', ServiceVerb.VERB_PAUSE).changes), ['web none paused:  -> none of its tasks runs']);
  t.is(refused(world, ServiceVerb.VERB_PAUSE, ['web.7']), 'TsoError: stack shop has no task web.7');
  t.is(refused(world, ServiceVerb.VERB_PAUSE, ['web', 'db']), 'TsoError: stack shop has no service db');
});

test('going back brings the exact spec of before, asked again it brings the later one, and the stack follows', (t) => {
  const world = running([serviceSpec('web', { replicas: 2, ...image('web:1') })]);
  world.up(stackSpec('shop', [serviceSpec('web', { replicas: 2, labels: { team: 'a' }, ...image('web:2') })]));
  const settled = () => {
    for (let round = 0; round < 6; round += 1) {
      world.run();
      world.sleep();
    }
  };
  settled();
  const later = service(world, 'web').spec;
  const { changes } = world.verb('shop', ServiceVerb.VERB_ROLLBACK, ['web']);
  t.deepEqual(changes[0]?.changes, [
    { path: 'labels.team', from: 'a', to: '' },
    { path: 'task.container.image', from: 'web:2', to: 'web:1' },
  ]);
  t.is(changes[0]?.effect, '2 tasks replaced, 1 at a time, the old one stopped first');
  settled();
  t.is(service(world, 'web').spec.task.container.image, 'web:1');
  t.deepEqual(
    world.tables.stackByName('shop')?.spec.services.map(({ task }) => task.container.image),
    ['web:1'],
  );
  t.is(world.tables.stackByName('shop')?.changedBy, 'test');
  world.verb('shop', ServiceVerb.VERB_ROLLBACK, ['web']);
  settled();
  t.deepEqual(service(world, 'web').spec, later);
});

test('a rollback with nothing to return to is refused by name; of a whole stack it is what can', (t) => {
  const world = running([serviceSpec('db'), serviceSpec('web', image('web:1'))]);
  t.is(refused(world, ServiceVerb.VERB_ROLLBACK), 'TsoError: service db has nothing to go back to: it was never changed');
  world.up(stackSpec('shop', [serviceSpec('db'), serviceSpec('web', image('web:2'))]));
  t.is(refused(world, ServiceVerb.VERB_ROLLBACK, ['web', 'db']), 'TsoError: service db has nothing to go back to: it was never changed');
  t.deepEqual(
    world.verb('shop', ServiceVerb.VERB_ROLLBACK).changes.map(({ name, action }) => `${name} ${action}`),
    ['db none', 'web update'],
  );
  t.is(service(world, 'web').spec.task.container.image, 'web:1');
});

test('a network that was let go and is still there is kept for who goes back to it', (t) => {
  const onBoth = serviceSpec('web', { task: { networks: [attachment('one'), attachment('two')] } });
  const onOne = serviceSpec('web', { task: { networks: [attachment('one')] } });
  const networks = [networkSpec('one'), networkSpec('two')];
  const world = running([onBoth], { networks });
  world.up(stackSpec('shop', [onOne], { networks: [networkSpec('one')] }));
  t.true(world.tables.networkByName('two')?.removing);
  world.verb('shop', ServiceVerb.VERB_ROLLBACK, ['web']);
  t.false(world.tables.networkByName('two')?.removing);
});

const onPort = (name: string, published: number, change: Parameters<typeof serviceSpec>[1] = {}) =>
  serviceSpec(name, { ports: [{ ...emptyPort, target: 80, published }], ...change });

test('who would go back to what another one holds by now is refused by name, and nothing is changed', (t) => {
  const world = running([onPort('web', 8080)]);
  world.up(stackSpec('shop', [onPort('web', 8081)]));
  world.up(stackSpec('other', [onPort('taker', 8080)]));
  t.regex(refused(world, ServiceVerb.VERB_ROLLBACK, ['web']), /^TsoError: service web cannot go back: .*8080.* other/);
  t.regex(refused(world, ServiceVerb.VERB_ROLLBACK), /8080/);
  t.is(service(world, 'web').spec.ports[0]?.published, 8081);
});

test('a container_name that was given away, and a circle of those that wait for each other, are not gone back to', (t) => {
  const called = { task: { container: { containerName: 'front' } } };
  const world = running([serviceSpec('web', called), serviceSpec('db')]);
  world.up(stackSpec('shop', [serviceSpec('web'), serviceSpec('db', called)]));
  t.regex(refused(world, ServiceVerb.VERB_ROLLBACK, ['web']), /front/);
  world.verb('shop', ServiceVerb.VERB_ROLLBACK, ['web', 'db']);
  t.is(service(world, 'web').spec.task.container.containerName, 'front', 'both at once give it back');
  const on = (name: string) => ({ dependsOn: [{ service: name, condition: 'service_started', required: true, restart: false }] });
  const circle = running([serviceSpec('web', on('db')), serviceSpec('db')]);
  circle.up(stackSpec('shop', [serviceSpec('web'), serviceSpec('db', on('web'))]));
  t.regex(refused(circle, ServiceVerb.VERB_ROLLBACK, ['web']), /circle|each other|wait/);
});

test('a secret that the stack does not have any more is none to refuse for: who goes back has it as it was', (t) => {
  const file = { kind: FileKind.SECRET_FILE, name: 'key' };
  const mounted = { task: { container: { files: [{ ...file, target: '/key', uid: 0, gid: 0, mode: 0o444 }] } } };
  const world = new World([nodeNamed('a')]);
  const files = [{ ...file, external: false, labels: {}, template: false }];
  world.up(stackSpec('shop', [serviceSpec('web', mounted)], { files }), { files: [{ ...file, data: new Uint8Array([1]) }] });
  world.run();
  const { files: had } = service(world, 'web');
  world.up(stackSpec('shop', [serviceSpec('web')]));
  t.is(world.tables.secretByName('key'), undefined);
  world.verb('shop', ServiceVerb.VERB_ROLLBACK, ['web']);
  t.deepEqual(service(world, 'web').files, had);
});

test('what is no verb is refused as such', (t) => {
  const world = running([serviceSpec('web')]);
  // What another release of the command line may send.
  const unknown = 99 as ServiceVerb;
  t.throws(() => verbChanges(world.tables, { stack: 'shop', services: [], verb: unknown }, by), {
    code: 'INVALID_ARGUMENT',
    message: '99 is nothing that can be done with services',
  });
});

test('an update that stands still goes on when it is told to; one that does not is refused by name', (t) => {
  const update = { ...serviceSpec('x').update, parallelism: 1, failureAction: UpdateFailureAction.FAILURE_PAUSE };
  const world = running([serviceSpec('web', { replicas: 2, update, ...image('web:1') })]);
  t.is(refused(world, ServiceVerb.VERB_CONTINUE, ['web']), 'TsoError: service web has no update that stands still');
  world.up(stackSpec('shop', [serviceSpec('web', { replicas: 2, update, ...image('web:2') })]));
  world.reject('web.1', 'there is no image web:2');
  t.is(service(world, 'web').update?.state, UpdateState.UPDATE_PAUSED);
  t.deepEqual(told(world.verb('shop', ServiceVerb.VERB_CONTINUE).changes), [
    'web update update: paused -> resumed (2 tasks replaced, 1 at a time, the old one stopped first)',
  ]);
  t.is(service(world, 'web').update?.state, UpdateState.UPDATING);
});

test('an update that stands still because its file says so waits, and has not failed', (t) => {
  const update = { ...serviceSpec('x').update, pauseAfter: 1 };
  const world = running([serviceSpec('web', { replicas: 3, update, ...image('web:1') })]);
  const { changes } = world.up(stackSpec('shop', [serviceSpec('web', { replicas: 3, update, ...image('web:2') })]));
  t.is(changes[0]?.effect, '3 tasks replaced, 1 at a time, the old one stopped first, standing still after 1');
  for (let round = 0; round < 6; round += 1) {
    world.run();
    world.sleep();
  }
  const [view] = stackView(world.tables, 'shop').services;
  t.like(view, { converged: false, failed: false });
  t.is(view?.waitingReason, view?.service.update?.message);
  t.not(view?.waitingReason, '');
});

test('a service is removed and its stack loses it; one that others need is not, and they are named', (t) => {
  const dependsOn = [{ service: 'db', condition: 'service_started', required: true, restart: false }];
  const world = running([
    serviceSpec('db'),
    serviceSpec('side', { task: { networkMode: 'service:web' } }),
    serviceSpec('web', { dependsOn }),
  ]);
  t.is(refused(world, ServiceVerb.VERB_REMOVE, ['db']), 'TsoError: service db cannot be removed: web depends on it');
  t.is(
    refused(world, ServiceVerb.VERB_REMOVE, ['web', 'db']),
    'TsoError: service web cannot be removed: side shares its network, processes or IPC',
  );
  t.is(refused(world, ServiceVerb.VERB_REMOVE), 'TsoError: it was not said which services to remove');
  t.deepEqual(told(world.verb('shop', ServiceVerb.VERB_REMOVE, ['side']).changes), ['side remove (stops 1 task)']);
  world.run();
  t.deepEqual(
    world.tables.stackByName('shop')?.spec.services.map(({ name }) => name),
    ['db', 'web'],
  );
  t.deepEqual(
    world.tables.services().map(({ spec }) => spec.name),
    ['db', 'web'],
  );
  t.is(refused(world, ServiceVerb.VERB_STOP, ['side']), 'TsoError: stack shop has no service side');
  t.is(refused(world, ServiceVerb.VERB_REMOVE, ['web', 'db']), 'accepted');
});

test('who shares with a container of another stack keeps it from being removed', (t) => {
  const world = running([serviceSpec('db', { task: { container: { containerName: 'the-db' } } })]);
  world.up(stackSpec('tools', [serviceSpec('look', { task: { container: { pidMode: 'container:the-db' } } })]));
  t.is(
    refused(world, ServiceVerb.VERB_REMOVE, ['db']),
    'TsoError: service db cannot be removed: look of stack tools shares its network, processes or IPC',
  );
});

test('what is being removed is not changed any more, nor is what is not there', (t) => {
  const world = running([serviceSpec('db'), serviceSpec('web')]);
  world.verb('shop', ServiceVerb.VERB_REMOVE, ['web']);
  t.is(refused(world, ServiceVerb.VERB_RESTART, ['web']), 'TsoError: service web of stack shop is being removed');
  t.is(refused(world, ServiceVerb.VERB_RESTART, ['db', 'nope']), 'TsoError: stack shop has no service nope');
  world.down('shop');
  t.is(refused(world, ServiceVerb.VERB_STOP), 'TsoError: there is no stack shop');
});
