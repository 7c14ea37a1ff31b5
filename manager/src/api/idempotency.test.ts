import { NodeState, type PutConfigRequest, ServiceVerb, type StackSpec, TsoError } from '@tso/proto';
import type { CallContext } from '@tso/proto/rpc';
import test from 'ava';
import { limits } from '../limits.ts';
import { movesAhead } from '../moves-ahead.ts';
import { plansAhead } from '../plans-ahead.ts';
import { failure, outcomeOf } from '../raft/io/outcome.ts';
import { explainPlacement } from '../scheduler/verdicts.ts';
import { silentLogger } from '../testing/ports.ts';
import { LaggingMember, SharedLog } from '../testing/shared-log.ts';
import { nodeNamed, serviceSpec, stackSpec } from '../testing/specs.ts';
import { ControlApi } from './control.ts';
import { keyProblem, maxKeyLength } from './idempotency-rules.ts';
import { BuiltImages } from './images.ts';
import { Relays } from './relays.ts';

const clock = { now: () => 5_000, monotonic: () => 0, setTimer: () => () => undefined };
let seed = 0;
const random = { bytes: (count: number) => Uint8Array.from({ length: count }, () => (seed = (seed * 31 + 7) % 251)), number: () => 0.5 };

/** A caller on the socket, who says his name and the key of his request. */
const asking = (key: string, actor = 'ana'): CallContext => ({
  peer: 'socket',
  roles: ['client', 'worker', 'manager'],
  identity: undefined,
  signal: new AbortController().signal,
  header: (name) => ({ 'idempotency-key': key, 'tso-actor': actor })[name],
});

const clusterLog = (): SharedLog => {
  const log = new SharedLog();
  const meta = { version: 0, createdAtMs: 0, updatedAtMs: 0 };
  const putCluster = { id: 'cluster', meta, addressPool: '10.128.0.0/9', subnetPrefix: 24, firstVni: 4096, vxlanPort: 4789 };
  log.append({ actions: [{ putCluster }, { putNode: nodeNamed('alpha') }], expect: [], atMs: 1, origin: 'test' });
  return log;
};

/** @param asked what happens while it asks who the managers are */
const managerAt = (log: SharedLog, nodeId = 'm1', asked: () => Promise<void> = async () => undefined) => {
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
    members: {
      list: async () => {
        await asked();
        return { members: [], leader: 0, term: 1, committed: 0, self: 1 };
      },
    },
    office: () => undefined,
    leader: async () => 'here',
    onApplied: () => () => undefined,
    movesAhead,
    explainTask: explainPlacement,
    plansAhead,
    nodeId,
  });
  const apply = (spec: StackSpec, context: CallContext, expectedVersion?: number) =>
    handlers.applyStack(
      {
        spec,
        dryRun: false,
        removeOrphans: false,
        files: [],
        services: [],
        declared: [],
        ...(expectedVersion === undefined ? {} : { expectedVersion }),
      },
      context,
    );
  const put = (text: string, context: CallContext, more: Partial<PutConfigRequest> = {}) =>
    handlers.putConfig({ name: 'key', data: Buffer.from(text), labels: {}, ...more }, context);
  return { proposer, handlers, apply, put };
};

const shop = (replicas = 1): StackSpec => stackSpec('shop', [serviceSpec('web', { replicas })]);

test('a request that is sent again is answered as before, by any manager, and does nothing', async (t) => {
  const log = clusterLog();
  const [a, b] = [managerAt(log), managerAt(log, 'm2')];
  const first = await a.apply(shop(), asking('k1'), 0);
  t.is(first.changes[0]?.action, 'create');
  t.deepEqual(await b.apply(shop(), asking('k1'), 0), first);
  await b.handlers.removeStack({ name: 'shop', volumes: false }, asking('k2'));
  const entries = log.entries.length;
  t.deepEqual(await a.apply(shop(), asking('k1'), 0), first, 'whatever happened since');
  t.is(log.entries.length, entries);
  t.is(log.tables.stacks().length, 0);
});

test('each kind of write is remembered', async (t) => {
  const log = clusterLog();
  const { handlers, apply, put } = managerAt(log);
  await apply(shop(), asking('k1'));
  const writes: readonly ((key: string) => Promise<{ readonly version: number }>)[] = [
    (key) => handlers.scaleServices({ stack: 'shop', scales: [{ service: 'web', replicas: 3 }] }, asking(key)),
    (key) => handlers.rebalanceServices({ stack: 'shop', services: [] }, asking(key)),
    (key) => handlers.updateService({ stack: 'shop', spec: serviceSpec('web', { replicas: 2 }), dryRun: false }, asking(key)),
    (key) => handlers.changeServices({ stack: 'shop', services: ['web'], verb: ServiceVerb.VERB_STOP }, asking(key)),
    (key) => put('one', asking(key)),
    (key) => handlers.removeConfig({ name: 'key' }, asking(key)),
    (key) => handlers.updateNode({ node: 'alpha', labelsSet: { disk: 'ssd' }, labelsRemove: [] }, asking(key)),
    (key) => handlers.removeStack({ name: 'shop', volumes: false }, asking(key)),
    (key) => handlers.removeNode({ node: 'alpha', force: true }, asking(key)),
  ];
  for (const [at, write] of writes.entries()) {
    const reply = await write(`write ${at}`.replace(' ', '-'));
    const entries = log.entries.length;
    t.is(reply.version, entries);
    const again = await write(`write ${at}`.replace(' ', '-'));
    t.is(again.version, reply.version);
    t.is(log.entries.length, entries, `write ${at}`);
    t.is(log.entries.at(-1)?.actions.filter(({ putRequest }) => putRequest !== undefined).length, 1, 'with the change itself');
  }
});

test('of the same request sent to several managers at once, one is carried out and all are answered alike', async (t) => {
  const log = clusterLog();
  const managers = [managerAt(log), managerAt(log), managerAt(log)];
  const replies = await Promise.all(managers.map(({ apply }) => apply(shop(), asking('k1'))));
  for (const reply of replies) t.deepEqual(reply, replies[0] ?? reply);
  t.is(replies[0]?.changes[0]?.action, 'create');
  const puts = await Promise.all(managers.map(({ put }) => put('one', asking('k2'), { expectedVersion: 0 })));
  t.is(new Set(puts.map(({ version }) => version)).size, 1);
  t.is(log.tables.configs().length, 1);
});

test('a request that was faster by another way is not called refused because its answer cannot be read just now', async (t) => {
  const log = clusterLog();
  const [first, second] = [managerAt(log), managerAt(log)];
  let isLeaderless = false;
  second.proposer.meanwhile = () => {
    isLeaderless = true;
  };
  const read = second.proposer.fresh.bind(second.proposer);
  second.proposer.fresh = () => (isLeaderless ? Promise.reject(failure('refused', 'UNAVAILABLE', 'no leader')) : read());
  let release: () => void = () => undefined;
  second.proposer.hold = new Promise((resolve) => {
    release = resolve;
  });
  const late = second.put('one', asking('k1'));
  while (second.proposer.proposed.length === 0) await new Promise((resolve) => setImmediate(resolve));
  await first.put('one', asking('k1'));
  release();
  t.is(
    outcomeOf(await t.throwsAsync(late, { message: /the change was made, and its answer cannot be read just now: no leader/ })),
    'unknown',
  );
  isLeaderless = false;
  t.deepEqual(await second.put('one', asking('k1')), await first.put('one', asking('k1')));
});

test('a request that was carried out by another way while it was thought over is answered as that, not refused for its own change', async (t) => {
  const log = clusterLog();
  const putNode = nodeNamed('alpha', { state: NodeState.NODE_DOWN });
  log.append({
    actions: [{ putNode: { ...putNode, meta: log.tables.node(putNode.id)?.meta ?? putNode.meta } }],
    expect: [],
    atMs: 1,
    origin: 'test',
  });
  let meanwhile: () => Promise<unknown> = async () => undefined;
  const first = managerAt(log);
  const second = managerAt(log, 'm2', async () => {
    await meanwhile();
    await second.proposer.fresh();
  });
  const remove = ({ handlers }: typeof first) => handlers.removeNode({ node: 'alpha', force: true }, asking('k1'));
  let made: unknown;
  meanwhile = async () => {
    made = await remove(first);
  };
  t.deepEqual(await remove(second), made);
  t.deepEqual(await remove(second), made);
  t.is(log.tables.nodes().length, 0);
  await t.throwsAsync(second.handlers.removeNode({ node: 'alpha', force: true }, asking('k2')), { code: 'NOT_FOUND' });
});

test('a wish that found nothing to do is remembered too, or it would undo what came after it', async (t) => {
  const log = clusterLog();
  const { handlers, apply } = managerAt(log);
  await apply(shop(), asking(''));
  const first = await apply(shop(), asking('k1'));
  t.is(first.changes[0]?.action, 'none');
  await handlers.scaleServices({ stack: 'shop', scales: [{ service: 'web', replicas: 5 }] }, asking(''));
  t.deepEqual(await apply(shop(), asking('k1')), first);
  t.is(log.tables.services()[0]?.spec.replicas, 5);
});

test('a key that another request had, or somebody else, is refused', async (t) => {
  const log = clusterLog();
  const { apply, put } = managerAt(log);
  await apply(shop(), asking('k1'));
  const refused = { code: 'INVALID_ARGUMENT', message: /k1 was given to another request/ };
  await t.throwsAsync(apply(shop(2), asking('k1')), refused);
  await t.throwsAsync(put('one', asking('k1')), refused);
  await t.throwsAsync(apply(shop(), asking('k1', 'bob')), refused);
  t.is(log.tables.services()[0]?.spec.replicas, 1);
});

test('what was refused is not remembered: the same request may do later', async (t) => {
  const log = clusterLog();
  const { handlers, apply } = managerAt(log);
  const scale = () => handlers.scaleServices({ stack: 'shop', scales: [{ service: 'web', replicas: 2 }] }, asking('k1'));
  await t.throwsAsync(scale(), { code: 'NOT_FOUND' });
  await apply(shop(), asking(''));
  t.is((await scale()).changes[0]?.action, 'update');
});

test('beyond the most answers that are kept a new key is refused, and a known one is answered', async (t) => {
  const log = clusterLog();
  const { put } = managerAt(log);
  const first = await put('one', asking('k1'));
  const { meta } = log.tables.request('k1') ?? {};
  if (meta === undefined) throw new Error('the request is not remembered');
  const others = Array.from({ length: limits.requests.most - 1 }, (_, at) => ({
    putRequest: { id: `other-${at}`, meta: { ...meta, version: 0 }, method: '', reply: new Uint8Array(), requestDigest: '' },
  }));
  log.append({ actions: others, expect: [], atMs: 1, origin: 'test' });
  const error = await t.throwsAsync(put('two', asking('k2')), { code: 'RESOURCE_EXHAUSTED', message: /100000 requests/ });
  t.is(outcomeOf(error), 'refused');
  t.deepEqual(await put('one', asking('k1')), first);
  t.true((await put('two', asking(''))).version > first.version, 'without a key nothing is kept');
});

test('a key is short and printable', (t) => {
  t.is(keyProblem('01J9-abc'), undefined);
  t.is(keyProblem('k'.repeat(maxKeyLength)), undefined);
  for (const bad of ['a b', 'ü', '\n', 'k'.repeat(maxKeyLength + 1)]) t.is(keyProblem(bad)?.code, 'INVALID_ARGUMENT');
});

test('who asked for what goes into the log with the change', async (t) => {
  const log = clusterLog();
  const { apply, put } = managerAt(log, 'm7');
  await apply(shop(), asking('k1'));
  t.deepEqual(log.entries.at(-1)?.audit, {
    actor: 'ana',
    role: 'client',
    source: 'socket',
    manager: 'm7',
    method: '/tso.v1.Control/ApplyStack',
    target: 'stack shop',
    requestId: 'k1',
  });
  await put('secret', {
    ...asking(''),
    peer: '192.0.2.1:5',
    roles: ['client'],
    identity: { nodeId: 'bob', role: 'client', cluster: 'c' },
  });
  t.like(log.entries.at(-1)?.audit, { actor: 'bob', source: '192.0.2.1:5', target: 'config key', requestId: '' });
});

test('who expected another version hears who changed what since', async (t) => {
  const log = clusterLog();
  const { handlers, apply } = managerAt(log);
  const { version } = await apply(shop(1), asking(''));
  await handlers.scaleServices({ stack: 'shop', scales: [{ service: 'web', replicas: 5 }] }, asking('', 'bob'));
  const error = await t.throwsAsync(apply(shop(2), asking(''), version), { instanceOf: TsoError, code: 'CONFLICT' });
  t.is(error.message, `stack shop is at version ${version + 1}, not at ${version}: bob changed services.web.replicas from 1 to 5`);
  t.deepEqual(error.details, {
    expected: version,
    actual: version + 1,
    changedBy: 'bob',
    changedAtMs: 5_000,
    previousVersion: version,
    changes: [{ path: 'services.web.replicas', from: '1', to: '5' }],
    outcome: 'refused',
  });
  await apply(stackSpec('shop', [serviceSpec('web', { replicas: 5 }), serviceSpec('db')]), asking('', 'cy'));
  const later = await t.throwsAsync(apply(shop(2), asking(''), version), { code: 'CONFLICT' });
  t.is(later.message, `stack shop is at version ${version + 2}, not at ${version}: cy last changed services.db (new)`);
  await t.throwsAsync(apply(shop(2), asking(''), 0), { message: /it was not to exist yet: cy last changed/ });
  await handlers.removeStack({ name: 'shop', volumes: false }, asking(''));
  await t.throwsAsync(apply(shop(2), asking(''), version), {
    code: 'CONFLICT',
    message: `stack shop is not there any more: version ${version} was expected`,
  });
});

test('applying the same again changes neither the stack’s version nor who changed it last', async (t) => {
  const log = clusterLog();
  const { apply } = managerAt(log);
  await apply(shop(1), asking('', 'ana'));
  await apply(shop(2), asking('', 'bob'));
  const before = log.tables.stackByName('shop');
  await apply(shop(2), asking('', 'cy'));
  t.deepEqual(log.tables.stackByName('shop'), before);
  t.like(before, { changedBy: 'bob', previousVersion: 2, previousSpec: shop(1) });
});
