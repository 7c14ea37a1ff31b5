import { emptyPort, type NetworkSpec, PublishMode, type StackSpec } from '@tso/proto';
import { type CallContext, Control } from '@tso/proto/rpc';
import test from 'ava';
import { movesAhead } from '../moves-ahead.ts';
import { plan } from '../planner.ts';
import { plansAhead } from '../plans-ahead.ts';
import { explainPlacement } from '../scheduler/verdicts.ts';
import { silentLogger } from '../testing/ports.ts';
import { LaggingMember, SharedLog } from '../testing/shared-log.ts';
import { attachment, networkSpec, nodeNamed, serviceSpec, stackSpec } from '../testing/specs.ts';
import { ControlApi } from './control.ts';
import { BuiltImages } from './images.ts';
import { Relays } from './relays.ts';

const clock = { now: () => 5_000, monotonic: () => 0, setTimer: () => () => undefined };
const bytes = (count: number): Uint8Array => crypto.getRandomValues(new Uint8Array(count));
const random = { bytes, number: () => 0.5 };

const asking = (key = '', actor = 'ana'): CallContext => ({
  peer: 'socket',
  roles: ['client', 'worker', 'manager'],
  identity: undefined,
  signal: new AbortController().signal,
  header: (name) => ({ 'idempotency-key': key === '' ? undefined : key, 'tso-actor': actor })[name],
});

const clusterLog = (): SharedLog => {
  const log = new SharedLog();
  const meta = { version: 0, createdAtMs: 0, updatedAtMs: 0 };
  const putCluster = { id: 'cluster', meta, addressPool: '10.128.0.0/9', subnetPrefix: 24, firstVni: 4096, vxlanPort: 4789 };
  log.append({ actions: [{ putCluster }, { putNode: nodeNamed('alpha') }], expect: [], atMs: 1, origin: 'test' });
  return log;
};

/** The leader's planner, until it has nothing to do. */
const planned = (log: SharedLog): void => {
  for (;;) {
    const { actions } = plan(log.tables, 5_000, bytes);
    if (actions.length === 0) return;
    if (log.entries.length > 100) throw new Error(`the planner goes on: ${JSON.stringify(actions[0])}`);
    log.append({ actions, expect: [], atMs: 5_000, origin: 'planner' });
  }
};

const managerAt = (log: SharedLog, nodeId = 'm1') => {
  const proposer = new LaggingMember(log);
  const relays = new Relays({ clock, random, logger: silentLogger, request: () => false, cancel: () => undefined });
  const { handlers } = new ControlApi({
    proposer,
    relays,
    images: new BuiltImages({ proposer, relays, clock, logger: silentLogger, nodeId: 'm1' }),
    clock,
    random,
    logger: silentLogger,
    stopping: new AbortController().signal,
    capture: () => ({ index: 0, contents: (async function* () {})() }),
    members: { list: async () => ({ members: [], leader: 0, term: 1, committed: 0, self: 1 }) },
    office: () => undefined,
    leader: async () => 'here',
    onApplied: () => () => undefined,
    movesAhead,
    explainTask: explainPlacement,
    plansAhead,
    nodeId,
  });
  return {
    create: (name: string, change: Partial<NetworkSpec> = {}, context = asking()) =>
      handlers.createNetwork({ spec: networkSpec(name, change) }, context),
    get: (network: string) => handlers.getNetwork({ network }, asking()),
    list: () => handlers.listNetworks({}, asking()),
    remove: (network: string, context = asking()) => handlers.removeNetwork({ network }, context),
    apply: (spec: StackSpec) =>
      handlers.applyStack({ spec, dryRun: false, removeOrphans: false, services: [], files: [], declared: [] }, asking()),
    down: (name: string) => handlers.removeStack({ name, volumes: false }, asking()),
  };
};

const webOn = (network: string, replicas = 1): StackSpec =>
  stackSpec('shop', [serviceSpec('web', { replicas, task: { networks: [attachment(network)] } })], {
    networks: [networkSpec(network, { external: true })],
  });

test('a network made by hand is read from any manager, by name, id and the beginning of its id', async (t) => {
  const log = clusterLog();
  const [a, b] = [managerAt(log), managerAt(log, 'm2')];
  const { network, version } = await a.create('backbone', { attachable: true, labels: { team: 'x' } });
  t.is(version, 2);
  t.like(network, { spec: { name: 'backbone', attachable: true }, stack: '', vni: 0 });
  planned(log);
  for (const ref of ['backbone', network.id, network.id.slice(0, 6)])
    t.like(await b.get(ref), {
      network: { subnet: '10.128.0.0/24', gateway: '10.128.0.1', vni: 4096 },
      addressesUsed: 0,
      addressesTotal: 253,
      tasks: 0,
    });
  await t.throwsAsync(b.get('nobody'), { code: 'NOT_FOUND', message: 'there is no network nobody' });
  await t.throwsAsync(b.get(''), { code: 'INVALID_ARGUMENT' });
});

test('of many that make one of the same name at once, one makes it', async (t) => {
  const log = clusterLog();
  const managers = [managerAt(log), managerAt(log, 'm2'), managerAt(log, 'm3')];
  const results = await Promise.allSettled(managers.map((manager) => manager.create('backbone')));
  t.deepEqual(results.map(({ status }) => status).sort(), ['fulfilled', 'rejected', 'rejected']);
  for (const result of results)
    if (result.status === 'rejected') t.like(result.reason, { code: 'CONFLICT', message: 'network backbone exists already' });
  t.is(log.tables.networks().length, 1);
});

test('many that are made at once are all made, with subnets that do not overlap', async (t) => {
  const log = clusterLog();
  const managers = [managerAt(log), managerAt(log, 'm2')];
  await Promise.all(Array.from({ length: 8 }, (_, at) => managers[at % 2]?.create(`net${at}`)));
  planned(log);
  t.is(new Set(log.tables.networks().map(({ subnet }) => subnet)).size, 8);
});

test('a request that is sent again is answered as before, and makes and removes nothing twice', async (t) => {
  const log = clusterLog();
  const [a, b] = [managerAt(log), managerAt(log, 'm2')];
  const made = await a.create('backbone', {}, asking('k1'));
  t.deepEqual(await b.create('backbone', {}, asking('k1')), made);
  t.is(log.tables.networks().length, 1);
  const removed = await a.remove('backbone', asking('k2'));
  planned(log);
  t.deepEqual(log.tables.networks(), []);
  t.deepEqual(await b.remove('backbone', asking('k2')), removed);
  await t.throwsAsync(b.remove('backbone'), { code: 'NOT_FOUND' });
});

test('services of other stacks use it as external, and who does is shown', async (t) => {
  const log = clusterLog();
  const a = managerAt(log);
  await a.create('backbone');
  planned(log);
  await a.apply(webOn('backbone', 2));
  planned(log);
  const view = await a.get('backbone');
  t.like(view, { addressesUsed: 3, tasks: 2, services: ['shop_web'], warning: '' });
  t.like(view.endpoints, [
    { stack: 'shop', service: 'web', slot: 1, node: 'alpha', address: '10.128.0.3', mac: '02:42:0a:80:00:03', serving: false },
    { slot: 2, address: '10.128.0.4' },
  ]);
  const { networks } = await a.list();
  t.like(networks, [{ network: { spec: { name: 'backbone' } }, tasks: 2, endpoints: { length: 0 } }]);
});

test('one that is in use is not removed, and the refusal names who is on it', async (t) => {
  const log = clusterLog();
  const a = managerAt(log);
  await a.create('backbone');
  planned(log);
  await a.apply(webOn('backbone', 2));
  planned(log);
  await t.throwsAsync(a.remove('backbone'), {
    code: 'FAILED_PRECONDITION',
    message: 'network backbone is in use by service shop_web (2 tasks)',
  });
  await a.down('shop');
  await t.throwsAsync(a.remove('backbone'), { message: 'network backbone is in use by service shop_web (2 tasks)' });
  const bare = stackSpec('bare', [], { networks: [networkSpec('backbone', { external: true })] });
  for (const { id } of log.tables.tasks()) log.append({ actions: [{ remove: { kind: 'task', id } }], expect: [], atMs: 1, origin: 'test' });
  planned(log);
  await a.apply(bare);
  await t.throwsAsync(a.remove('backbone'), { message: 'network backbone is named as external by stack bare' });
  await a.down('bare');
  t.is((await a.remove('backbone')).name, 'backbone');
  planned(log);
  t.deepEqual((await a.list()).networks, []);
});

test('those of stacks go with them, and the one of published ports stays', async (t) => {
  const log = clusterLog();
  const a = managerAt(log);
  const ports = [{ ...emptyPort, target: 80, published: 8080, mode: PublishMode.INGRESS }];
  await a.apply(stackSpec('shop', [serviceSpec('web', { ports })], { networks: [networkSpec('shop_default')] }));
  planned(log);
  await t.throwsAsync(a.remove('shop_default'), { code: 'FAILED_PRECONDITION', message: 'network shop_default belongs to stack shop' });
  await t.throwsAsync(a.remove('ingress'), {
    code: 'FAILED_PRECONDITION',
    message: 'network ingress cannot be removed: it carries the published ports of all services',
  });
  t.like(await a.get('ingress'), { services: ['shop_web'], tasks: 1, addressesUsed: 2 });
  await t.throwsAsync(a.create('ingress'), { code: 'INVALID_ARGUMENT', message: "network ingress is the cluster's own" });
});

test('the block of tunnel addresses is not shown, and one that is encrypted brings it', async (t) => {
  const log = clusterLog();
  const a = managerAt(log);
  await a.create('secret', { driverOpts: { encrypted: 'true' } });
  planned(log);
  t.true(log.tables.network('tunnels') !== undefined);
  t.deepEqual(
    (await a.list()).networks.map(({ network }) => network.spec.name),
    ['secret'],
  );
  await t.throwsAsync(a.get('tunnels'), { code: 'NOT_FOUND' });
  await t.throwsAsync(a.remove('tunnels'), { code: 'NOT_FOUND' });
});

test('what cannot be made is refused with what, where and why', async (t) => {
  const log = clusterLog();
  const a = managerAt(log);
  const refusal = async (name: string, change: Partial<NetworkSpec>): Promise<string> =>
    (await t.throwsAsync(a.create(name, change)))?.message ?? '';
  await a.create('there', { subnet: '10.9.0.0/24' });
  t.is(await refusal('a b', {}), '"a b" cannot be the name of a network');
  t.is(await refusal('host', {}), 'network host could not be joined: compose files mean something else by that name');
  t.is(await refusal('other', { external: true }), 'network other: one that is external is not made');
  t.is(await refusal('other', { subnet: '10.9.0.128/25' }), 'network other: subnet 10.9.0.128/25 overlaps 10.9.0.0/24 of network there');
  t.is(await refusal('other', { driver: 'weave' }), 'network other: there is no network driver weave');
  await a.remove('there');
  t.is(await refusal('there', {}), 'network there is still being removed');
});

test('a network that is nearly full says so, and its warning names the numbers', async (t) => {
  const log = clusterLog();
  const a = managerAt(log);
  await a.create('small', { subnet: '10.9.0.0/28' });
  planned(log);
  const applied = await a.apply(webOn('small', 10));
  t.deepEqual(applied.warnings, [
    'network small has 13 addresses in 10.9.0.0/28 and 11 of them are used: make the network anew with a larger subnet before it is full',
  ]);
  planned(log);
  t.is((await a.get('small')).warning, applied.warnings[0] ?? 'none');
  const more = await a.apply(webOn('small', 20));
  t.is(
    more.warnings[0],
    'network small has 13 addresses in 10.9.0.0/28 and 21 are wanted: tasks will wait; make the network anew with a larger subnet',
  );
  planned(log);
  t.is(
    (await a.list()).networks[0]?.warning,
    'network small has 13 addresses in 10.9.0.0/28 and all are used: what comes now will wait; make the network anew with a larger subnet',
  );
});

test('only operators make, see and remove networks', (t) => {
  for (const method of [Control.createNetwork, Control.getNetwork, Control.listNetworks, Control.removeNetwork])
    t.deepEqual([...method.roles], ['client']);
});
