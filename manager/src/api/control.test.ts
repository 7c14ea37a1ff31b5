import { type Clock, ServiceVerb, type StackSpec, TsoError } from '@tso/proto';
import type { CallContext } from '@tso/proto/rpc';
import test from 'ava';
import { movesAhead } from '../moves-ahead.ts';
import { plansAhead } from '../plans-ahead.ts';
import { explainPlacement } from '../scheduler/verdicts.ts';
import { Tables } from '../store/tables.ts';
import { ManualClock } from '../testing/manual-clock.ts';
import { silentLogger } from '../testing/ports.ts';
import { LaggingMember, SharedLog } from '../testing/shared-log.ts';
import { networkSpec, nodeNamed, serviceSpec, stackSpec } from '../testing/specs.ts';
import { ControlApi } from './control.ts';
import type { ForwardPorts } from './forward.ts';
import { BuiltImages } from './images.ts';
import { Relays } from './relays.ts';
import { inTurn } from './wish-order.ts';

const context: CallContext = {
  peer: 'test',
  roles: ['client'],
  identity: undefined,
  signal: new AbortController().signal,
  header: () => undefined,
};
const still: Clock = { now: () => 5_000, monotonic: () => 0, setTimer: () => () => undefined };

/** A log with a cluster of one node, and managers at it. */
const clusterLog = (): SharedLog => {
  const log = new SharedLog();
  const putCluster = {
    id: 'cluster',
    meta: { version: 0, createdAtMs: 0, updatedAtMs: 0 },
    addressPool: '10.128.0.0/9',
    subnetPrefix: 24,
    firstVni: 4096,
    vxlanPort: 4789,
  };
  log.append({ actions: [{ putCluster }, { putNode: nodeNamed('alpha') }], expect: [], atMs: 1, origin: 'test' });
  return log;
};

let seed = 0;
const random = { bytes: (count: number) => Uint8Array.from({ length: count }, () => (seed = (seed * 31 + 7) % 251)), number: () => 0.5 };

const managerAt = (
  log: SharedLog,
  { leader = async () => 'here', clock = still }: { readonly leader?: ForwardPorts['leader']; readonly clock?: Clock } = {},
) => {
  const proposer = new LaggingMember(log);
  const relays = new Relays({ clock, random, logger: silentLogger, request: () => false, cancel: () => undefined });
  const stopping = new AbortController().signal;
  const { handlers } = new ControlApi({
    office: () => undefined,
    movesAhead,
    explainTask: explainPlacement,
    plansAhead,
    nodeId: 'm1',
    leader,
    proposer,
    capture: () => ({ index: proposer.view.index, contents: emptyChunks() }),
    relays,
    images: new BuiltImages({ proposer, relays, clock, logger: silentLogger, nodeId: 'm1' }),
    onApplied: () => () => undefined,
    members: { list: async () => ({ members: [], leader: 1, term: 1, committed: 1, self: 1 }) },
    clock,
    random,
    logger: silentLogger,
    stopping,
  });
  const apply = (spec: StackSpec) =>
    handlers.applyStack({ spec, dryRun: false, removeOrphans: false, services: [], files: [], declared: [] }, context);
  return { proposer, handlers, apply };
};

/** Backups are read in their own tests. */
async function* emptyChunks(): AsyncGenerator<Uint8Array> {}

const shop = (replicas = 1) => stackSpec('shop', [serviceSpec('web', { replicas })], { networks: [networkSpec('shop_default')] });

test('two managers that take the same stack at once make it once', async (t) => {
  const log = clusterLog();
  const [a, b] = [managerAt(log), managerAt(log)];
  const replies = await Promise.all([a.apply(shop()), b.apply(shop())]);
  const { tables } = log;
  t.deepEqual([tables.stacks().length, tables.services().length, tables.networks().length], [1, 1, 1]);
  const actions = replies.map(({ changes }) => changes.map(({ action }) => action).join(' '));
  t.deepEqual(actions.sort(), ['create create', 'none none']);
});

test('two managers never give one network name to two stacks', async (t) => {
  const log = clusterLog();
  const [a, b] = [managerAt(log), managerAt(log)];
  const wanting = (name: string) => stackSpec(name, [serviceSpec('web')], { networks: [networkSpec('shared')] });
  const results = await Promise.allSettled([a.apply(wanting('one')), b.apply(wanting('two'))]);
  t.deepEqual(results.map(({ status }) => status).sort(), ['fulfilled', 'rejected']);
  for (const result of results) {
    if (result.status === 'rejected') t.regex(result.reason.message, /^network shared belongs to stack (one|two) already$/);
  }
  t.deepEqual([log.tables.stacks().length, log.tables.networks().length], [1, 1]);
});

test('what another manager acknowledged is neither missed nor refused', async (t) => {
  const log = clusterLog();
  const [a, b] = [managerAt(log), managerAt(log)];
  await a.apply(shop());
  const scaled = await b.handlers.scaleServices({ stack: 'shop', scales: [{ service: 'web', replicas: 3 }] }, context);
  t.is(scaled.changes[0]?.action, 'update');
  t.is((await a.handlers.getStack({ name: 'shop' }, context)).services[0]?.service.spec.replicas, 3);
  t.is(
    (
      await a.handlers.applyStack({ spec: shop(3), dryRun: true, removeOrphans: false, services: [], files: [], declared: [] }, context)
    ).changes.at(-1)?.action,
    'none',
  );
  await b.handlers.removeStack({ name: 'shop', volumes: false }, context);
  t.deepEqual((await a.handlers.listStacks({}, context)).stacks, []);
});

test('every read is as new as its call', async (t) => {
  const log = clusterLog();
  const [a, b] = [managerAt(log), managerAt(log)];
  const { version } = await a.apply(shop());
  const { handlers } = b;
  t.is((await handlers.listStacks({}, context)).stacks.length, 1);
  log.append({ actions: [{ putNode: nodeNamed('beta') }], expect: [], atMs: 1, origin: 'test' });
  t.is((await handlers.listNodes({}, context)).nodes.length, 2);
  log.append({ actions: [{ putNode: nodeNamed('gamma') }], expect: [], atMs: 1, origin: 'test' });
  t.is((await handlers.getInfo({}, context)).nodes, 3);
  log.append({ actions: [{ putNode: nodeNamed('delta') }], expect: [], atMs: 1, origin: 'test' });
  t.is((await handlers.listTasks({ stack: '', services: [], all: true, node: '' }, context)).version, version + 3);
  log.append({ actions: [{ remove: { kind: 'stack', id: log.tables.stacks()[0]?.id ?? '' } }], expect: [], atMs: 1, origin: 'test' });
  for await (const view of handlers.watchStack({ name: 'shop', minVersion: 0 }, context)) {
    t.is(view.version, version + 4);
    break;
  }
});

test('without a leader nothing is shown that might be old, and nothing is decided', async (t) => {
  const log = clusterLog();
  const { handlers, apply, proposer } = managerAt(log);
  log.failure = new TsoError('UNAVAILABLE', 'the managers have no leader');
  const watch = async (): Promise<void> => {
    for await (const _ of handlers.watchStack({ name: 'shop', minVersion: 0 }, context)) t.fail('nothing can be shown');
  };
  const calls: readonly (() => Promise<unknown>)[] = [
    () => apply(shop()),
    () => handlers.removeStack({ name: 'shop', volumes: false }, context),
    () => handlers.scaleServices({ stack: 'shop', scales: [] }, context),
    () => handlers.getStack({ name: 'shop' }, context),
    () => handlers.listStacks({}, context),
    () => handlers.listTasks({ stack: '', services: [], all: true, node: '' }, context),
    () => handlers.listNodes({}, context),
    () => handlers.getInfo({}, context),
    () => handlers.getConfig({ name: 'key' }, context),
    () => handlers.listConfigs({}, context),
    watch,
  ];
  for (const call of calls) await t.throwsAsync(call(), { code: 'UNAVAILABLE', message: 'the managers have no leader' });
  t.is(proposer.proposed.length, 0);
});

test('a wish that is stuck in the log does not hold up the next ones for long, and they see what became of it', async (t) => {
  const log = clusterLog();
  const clock = new ManualClock();
  const { apply, proposer } = managerAt(log, { clock });
  let release: () => void = () => undefined;
  proposer.hold = new Promise((resolve) => {
    release = resolve;
  });
  const stuck = apply(shop());
  const next = apply(shop(2));
  for (let turn = 0; turn < 100; turn++) await Promise.resolve();
  t.is(proposer.proposed.length, 1);
  proposer.hold = Promise.resolve();
  clock.advance(1_000);
  t.is((await next).changes.at(-1)?.action, 'create');
  release();
  t.deepEqual((await stuck).changes.at(-1)?.changes, [{ path: 'replicas', from: '2', to: '1' }]);
  t.is(log.tables.services().length, 1);
  for (let turn = 0; turn < 100; turn++) await Promise.resolve();
  t.is(clock.pending, 0);
});

test('a wish whose caller went away before its turn came is not carried out', async (t) => {
  const log = clusterLog();
  const { proposer, apply, handlers } = managerAt(log);
  const hold = Promise.withResolvers<void>();
  proposer.hold = hold.promise;
  const first = apply(shop());
  const caller = new AbortController();
  const blog = { spec: stackSpec('blog', []), dryRun: false, removeOrphans: false, services: [], files: [], declared: [] };
  const second = handlers.applyStack(blog, { ...context, signal: caller.signal });
  caller.abort();
  hold.resolve();
  await first;
  const error = await t.throwsAsync(second, { instanceOf: TsoError, code: 'CANCELLED' });
  t.is(error.details.outcome, 'refused');
  t.is(log.tables.stackByName('blog'), undefined);
});

test('a wish is put in the order of all wishes by the cluster object, which it does not change', (t) => {
  const log = clusterLog();
  const cluster = log.tables.cluster();
  const put = { putNode: nodeNamed('beta') };
  t.deepEqual(inTurn(log.tables, [put]), [put, { putCluster: cluster }]);
  t.deepEqual(inTurn(new Tables(), [put]), [put], 'before there is a cluster there are no wishes to order');
});

test('a manager that cannot find the leader says why streams to tasks cannot be had', async (t) => {
  const { handlers } = managerAt(clusterLog(), {
    leader: async () => {
      throw new TsoError('PERMISSION_DENIED', 'this manager was removed');
    },
  });
  const read = async (stream: () => AsyncIterable<unknown>): Promise<void> => {
    for await (const _ of stream()) t.fail('nothing can be had');
  };
  const requests = (async function* () {})();
  const expected = { code: 'PERMISSION_DENIED', message: 'this manager was removed' };
  await t.throwsAsync(
    read(() => handlers.logs({ stack: '', targets: [], options: { follow: false }, seen: [] }, context)),
    expected,
  );
  await t.throwsAsync(
    read(() => handlers.exec(requests, context)),
    expected,
  );
});

test('very many secrets and configs are removed at once by two managers, though each removal is a wish in its turn', async (t) => {
  const log = clusterLog();
  const managers = [managerAt(log), managerAt(log)] as const;
  const names = Array.from({ length: 30 }, (_, at) => `file-${at}`);
  for (const name of names) {
    await managers[0].handlers.putSecret({ name, data: new Uint8Array(), labels: {} }, context);
    await managers[0].handlers.putConfig({ name, data: new Uint8Array(), labels: {} }, context);
  }
  t.deepEqual([log.tables.secrets().length, log.tables.configs().length], [30, 30]);
  await Promise.all(
    names.flatMap((name, at) => {
      const { handlers } = managers[at % 2 === 0 ? 0 : 1];
      return [handlers.removeSecret({ name }, context), handlers.removeConfig({ name }, context)];
    }),
  );
  t.deepEqual([log.tables.secrets().length, log.tables.configs().length], [0, 0]);
});

test('what is only tried shows what the planner would begin with, and writes nothing', async (t) => {
  const log = clusterLog();
  const { handlers, apply } = managerAt(log);
  const dry = { dryRun: true, removeOrphans: false, services: [], files: [], declared: [] };
  const first = await handlers.applyStack({ spec: shop(2), ...dry }, context);
  const rows = (preview = first.preview) => preview?.tasks.map(({ service, slot, action, node }) => `${action} ${service}.${slot} ${node}`);
  t.deepEqual(rows(), ['start web.1 alpha', 'start web.2 alpha']);
  t.is(log.tables.stacks().length, 0);
  const made = await apply(shop(2));
  t.is(made.preview, undefined);
  const entries = log.entries.length;
  const service = (await handlers.getStack({ name: 'shop' }, context)).services[0]?.service;
  if (service === undefined) throw new Error('there is no service');
  const spec = { ...service.spec, replicas: 3 };
  const tried = await handlers.updateService({ stack: 'shop', spec, expectedVersion: service.meta.version, dryRun: true }, context);
  t.deepEqual(rows(tried.preview), ['start web.1 alpha', 'start web.2 alpha', 'start web.3 alpha']);
  t.is(tried.changes[0]?.effect, '1 task more');
  t.is(log.entries.length, entries);
});

test('changes of single services are written with who asked for what, and explained from any manager', async (t) => {
  const log = clusterLog();
  const [a, b] = [managerAt(log), managerAt(log)];
  await a.apply(shop(2));
  const stopped = await b.handlers.changeServices({ stack: 'shop', services: ['web'], verb: ServiceVerb.VERB_STOP }, context);
  t.is(stopped.changes[0]?.action, 'update');
  t.true(log.tables.services()[0]?.stopped);
  t.like(log.entries.at(-1)?.audit, { method: '/tso.v1.Control/ChangeServices', target: 'stop stack shop: web' });
  const none = await a.handlers.changeServices({ stack: 'shop', services: [], verb: ServiceVerb.VERB_STOP }, context);
  t.is(none.changes[0]?.action, 'none');
  t.is(none.version, stopped.version);
  await t.throwsAsync(a.handlers.changeServices({ stack: 'shop', services: ['web', 'nope'], verb: ServiceVerb.VERB_START }, context), {
    code: 'NOT_FOUND',
  });
  t.true(log.tables.services()[0]?.stopped, 'all of them or none');
  t.deepEqual((await a.handlers.explainPlacement({ stack: 'shop', services: [] }, context)).placements, []);
});
