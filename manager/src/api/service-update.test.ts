import { emptyMount, emptyPort, FileKind, MountType, present, type ServiceSpec, TsoError } from '@tso/proto';
import test from 'ava';
import { attachment, networkSpec, nodeNamed, serviceSpec, stackSpec } from '../testing/specs.ts';
import { World } from '../testing/world.ts';
import type { StackChanges } from './changes.ts';
import { updateServiceChanges } from './service-update.ts';

const gib = 1024 ** 3;
let seed = 3;
/** Ids that differ. */
const random = (count: number): Uint8Array => Uint8Array.from({ length: count }, () => (seed = (seed * 31 + 7) % 251));

const by = (world: World) => ({ changedBy: 'alice', now: world.now, random });
const change = (world: World, spec: ServiceSpec, expectedVersion?: number): StackChanges =>
  updateServiceChanges(world.tables, { stack: 'shop', spec, ...(expectedVersion === undefined ? {} : { expectedVersion }) }, by(world));
const make = (world: World, spec: ServiceSpec): StackChanges => {
  const changes = change(world, spec);
  world.now += 1_000;
  world.commit(changes.actions);
  world.settle();
  return changes;
};
const refusal = (world: World, spec: ServiceSpec, expectedVersion?: number): string => {
  const before = world.tables.index;
  try {
    change(world, spec, expectedVersion);
    return 'accepted';
  } catch (error) {
    if (!(error instanceof TsoError) || world.tables.index !== before) throw error;
    return `${error.code}: ${error.message}`;
  }
};
const web = (change: Parameters<typeof serviceSpec>[1] = {}) => serviceSpec('web', { replicas: 2, ...change });
const shop = (...services: readonly ServiceSpec[]): World => {
  const world = new World([nodeNamed('a'), nodeNamed('b')]);
  world.up(stackSpec('shop', [serviceSpec('db'), ...services], { networks: [networkSpec('shop_default')] }));
  world.run();
  return world;
};
const service = (world: World, name = 'web') =>
  present(
    world.tables.services().find(({ spec }) => spec.name === name),
    name,
  );
const image = (name: string) => ({ task: { container: { image: name } } });

test('one service becomes what is said, the others stay, and the stack follows so that its file shows the difference', (t) => {
  const world = shop(web(image('web:1')));
  const { version } = service(world, 'db').meta;
  const { changes, warnings } = make(world, web(image('web:2')));
  t.deepEqual(changes, [
    {
      kind: 'service',
      name: 'web',
      action: 'update',
      changes: [{ path: 'task.container.image', from: 'web:1', to: 'web:2' }],
      effect: '2 tasks replaced, 1 at a time, the old one stopped first',
    },
  ]);
  t.deepEqual(warnings, []);
  t.is(service(world, 'db').meta.version, version);
  const stack = present(world.tables.stackByName('shop'), 'shop');
  t.deepEqual(
    stack.spec.services.map(({ task }) => task.container.image),
    ['busybox', 'web:2'],
  );
  t.is(stack.changedBy, 'alice');
  const { changes: back } = world.up(
    stackSpec('shop', [serviceSpec('db'), web(image('web:1'))], { networks: [networkSpec('shop_default')] }),
  );
  t.deepEqual(
    back.filter(({ action }) => action !== 'none').map(({ name, changes: [first] }) => [name, first?.from, first?.to]),
    [['web', 'web:2', 'web:1']],
  );
});

test('what is as it was already is none, and nothing is written', (t) => {
  const world = shop(web());
  const { changes, actions } = change(world, web());
  t.deepEqual(changes, [{ kind: 'service', name: 'web', action: 'none', changes: [] }]);
  t.deepEqual(actions, []);
});

test('labels, replicas and update settings restart nothing, and that is said', (t) => {
  const world = shop(web());
  const before = world.tables.tasks().map(({ id }) => id);
  const effects = [
    web({ labels: { team: 'a' } }),
    web({ labels: { team: 'a' }, update: { ...web().update, parallelism: 2 } }),
    web({ labels: { team: 'a' }, priority: 7 }),
    web({ labels: { team: 'a' }, replicas: 4 }),
    web({ labels: { team: 'a' }, replicas: 3 }),
  ].map((spec) => make(world, spec).changes[0]?.effect);
  t.deepEqual(effects, ['no task restarts', 'no task restarts', 'no task restarts', '2 tasks more', '1 task fewer']);
  const after = new Set(world.tables.tasks().map(({ id }) => id));
  t.true(before.every((id) => after.has(id)));
});

test('a placement that rules nodes out moves the tasks there and no others', (t) => {
  const world = shop(web());
  const placement = { constraints: ['node.hostname==a'], spreadOver: [], maxReplicasPerNode: 0 };
  const { changes } = make(world, web({ task: { placement } }));
  t.is(changes[0]?.effect, '1 task moved to other nodes');
});

test('a service that was stopped stays so when it is changed', (t) => {
  const world = shop(web(image('web:1')));
  world.commit([{ putService: { ...service(world), stopped: true } }]);
  world.run();
  const { changes } = make(world, web(image('web:2')));
  t.is(changes[0]?.effect, 'no task starts: it is stopped');
  t.true(service(world).stopped);
});

test('a change of what somebody else changed meanwhile is refused with who it was', (t) => {
  const world = shop(web(image('web:1')));
  const { version } = service(world).meta;
  make(world, web(image('web:2')));
  t.is(
    refusal(world, web(image('web:3')), version),
    `CONFLICT: service web of stack shop is not as it was at version ${version}: alice changed it`,
  );
  t.is(refusal(world, web(image('web:3')), service(world).meta.version), 'accepted');
  t.is(
    refusal(world, web(image('web:3')), 10_000),
    `CONFLICT: service web of stack shop is at version ${service(world).meta.version}, not at 10000: it was made anew`,
  );
});

test('what the planner writes of its progress, and changes of other services, are no conflict', (t) => {
  const world = shop(web(image('web:1')));
  make(world, web(image('web:2')));
  const { version } = service(world).meta;
  world.run();
  t.true(service(world).meta.version >= version);
  make(world, serviceSpec('db', { labels: { a: 'b' } }));
  for (let round = 0; round < 6; round += 1) {
    world.run();
    world.sleep();
  }
  t.true(service(world).meta.version > version);
  t.is(refusal(world, web(image('web:3')), version), 'accepted');
});

test('a service that has gone back by itself since it was read is not what was read', (t) => {
  const update = { ...web().update, failureAction: 2 } as const;
  const world = shop(web({ update, ...image('web:1') }));
  make(world, web({ update, ...image('web:2') }));
  const { version } = service(world).meta;
  world.reject('web.1', 'there is no image web:2');
  t.is(service(world).spec.task.container.image, 'web:1');
  t.is(
    refusal(world, web({ update, ...image('web:3') }), version),
    `CONFLICT: service web of stack shop is not as it was at version ${version}: it went back or was restarted since`,
  );
});

test('a service that is removed, or never was, is refused by name', (t) => {
  const world = shop(web());
  t.is(refusal(world, serviceSpec('nope')), 'NOT_FOUND: stack shop has no service nope');
  world.commit([{ putService: { ...service(world), removing: true } }]);
  t.is(refusal(world, web()), 'NOT_FOUND: service web of stack shop is being removed');
  world.down('shop');
  t.is(refusal(world, serviceSpec('db')), 'NOT_FOUND: service db of stack shop is being removed');
  world.run();
  t.is(refusal(world, serviceSpec('db')), 'NOT_FOUND: there is no stack shop');
});

test('the rules of a stack hold for a service by itself', (t) => {
  const world = shop(web());
  const port = { ...emptyPort, target: 80, published: 8080 };
  world.up(stackSpec('other', [serviceSpec('front', { ports: [port] })]));
  t.is(refusal(world, web({ ports: [port] })), 'CONFLICT: service web: port 8080/tcp is taken by service front of stack other');
  const dependsOn = [{ service: 'queue', condition: 'service_started', required: true, restart: false }];
  t.is(refusal(world, web({ dependsOn })), 'INVALID_ARGUMENT: service web depends on queue, which is not a service of the stack');
  const placement = { constraints: ['disk=ssd'], spreadOver: [], maxReplicasPerNode: 0 };
  t.regex(
    refusal(world, web({ task: { placement } })),
    /^INVALID_ARGUMENT: service web: placement constraint "disk=ssd" cannot be understood/,
  );
});

test('what speaks against another service since the cluster is smaller is nothing that this one is refused for', (t) => {
  const world = new World([nodeNamed('a'), nodeNamed('big')]);
  const big = world.tables.node('big');
  if (big === undefined) throw new Error('there is no node big');
  world.changeNode('big', { description: { ...big.description, resources: { nanoCpus: 8e9, memoryBytes: 64 * gib, pids: 0 } } });
  const limits = { nanoCpus: 0, memoryBytes: 32 * gib, pids: 0 };
  world.up(stackSpec('shop', [serviceSpec('db', { task: { limits } }), web()]));
  world.commit([{ remove: { kind: 'node', id: 'big' } }]);
  t.is(refusal(world, web({ labels: { a: 'b' } })), 'accepted');
  t.regex(refusal(world, web({ task: { limits } })), /^INVALID_ARGUMENT: service web: the memory limit of 32 GiB cannot be had/);
});

test('networks, volumes and files of others can be taken up, and a volume that is not there is made', (t) => {
  const world = shop(web());
  world.up(stackSpec('base', [], { networks: [networkSpec('backbone')] }));
  world.commit([
    {
      putConfig: {
        id: 'banner',
        meta: { version: 0, createdAtMs: 0, updatedAtMs: 0 },
        name: 'banner',
        labels: {},
        data: new Uint8Array([1]),
        stack: '',
        changedBy: '',
      },
    },
  ]);
  const mounts = [{ ...emptyMount, type: MountType.VOLUME, source: 'cache', target: '/cache' }];
  const files = [{ kind: FileKind.CONFIG_FILE, name: 'banner', target: '/banner', uid: 0, gid: 0, mode: 0o444 }];
  const { changes } = make(world, web({ task: { container: { mounts, files }, networks: [attachment('backbone')] } }));
  t.deepEqual(
    changes.map(({ kind, name, action }) => `${kind} ${name} ${action}`),
    ['volume cache create', 'service web update'],
  );
  t.deepEqual(
    world.tables.stackByName('shop')?.spec.networks.map(({ name, external }) => [name, external]),
    [
      ['shop_default', false],
      ['backbone', true],
    ],
  );
  t.is(world.tables.networkByName('backbone')?.stack, 'base');
  t.is(service(world).files.length, 1);
  t.is(refusal(world, web({ task: { networks: [attachment('nowhere')] } })), 'NOT_FOUND: external network nowhere does not exist');
  const secret = [{ kind: FileKind.SECRET_FILE, name: 'key', target: '/key', uid: 0, gid: 0, mode: 0o444 }];
  t.is(refusal(world, web({ task: { container: { files: secret } } })), 'NOT_FOUND: external secret key does not exist');
});

test('a restart that is asked for with a raised number is one, and a lower number undoes none', (t) => {
  const world = shop(web());
  const { changes } = make(world, web({ task: { forceUpdate: 1 } }));
  t.is(changes[0]?.effect, '2 tasks replaced, 1 at a time, the old one stopped first');
  t.deepEqual(
    change(world, web()).changes.map(({ action }) => action),
    ['none'],
  );
  t.is(world.tables.stackByName('shop')?.spec.services.at(-1)?.task.forceUpdate, 0);
});

test('a raised number replaces once, however far it is raised', (t) => {
  const world = shop(web());
  make(world, web({ task: { forceUpdate: 4_294_967_295 } }));
  t.is(service(world).spec.task.forceUpdate, 1);
  make(world, web({ task: { forceUpdate: 3 } }));
  t.is(service(world).spec.task.forceUpdate, 2);
});

test('a file says nothing of how often tasks were replaced, whoever writes it', (t) => {
  const world = shop(web());
  make(world, web({ task: { forceUpdate: 1 } }));
  const wished = (forceUpdate: number) =>
    stackSpec('shop', [serviceSpec('db'), web({ task: { forceUpdate } }), serviceSpec('new', { task: { forceUpdate } })], {
      networks: [networkSpec('shop_default')],
    });
  world.up(wished(9));
  t.deepEqual([service(world).spec.task.forceUpdate, service(world, 'new').spec.task.forceUpdate], [1, 0]);
  t.true(world.up(wished(4_000_000_000)).changes.every(({ action }) => action === 'none'));
});
