import { isDeepStrictEqual } from 'node:util';
import {
  emptyAttachment,
  emptyMeta,
  emptyPort,
  emptyServiceSpec,
  emptyTaskSpec,
  FileKind,
  type FileVersion,
  type IngressPort,
  ingressAfter,
  type NetworkAssignment,
  NodeState,
  networksOfSet,
  newService,
  peersAfter,
  type StoreAction,
  TaskState,
  type TunnelPeer,
} from '@tso/proto';
import test from 'ava';
import fc from 'fast-check';
import { applyTransaction } from '../store/apply.ts';
import { removeAction } from '../store/kinds.ts';
import { Tables } from '../store/tables.ts';
import { emptyShare, isEmptyDifference, type NodeShare, shareDifference } from './assignments.ts';
import { network, node, status, task, volume, withVolume } from './dispatcher-fixture.ts';
import { Shares } from './shares.ts';

const commit = (tables: Tables, shares: Shares, ...actions: readonly StoreAction[]): void => {
  const result = applyTransaction(tables, tables.index + 1, { actions, expect: [], atMs: 1, origin: 'test' });
  if (result.ok) shares.notice(result.changes, tables);
};

const begun = (...actions: readonly StoreAction[]) => {
  const tables = new Tables();
  const shares = new Shares();
  commit(tables, shares, ...actions);
  shares.reset(tables);
  shares.take(tables);
  return { tables, shares };
};

test('only nodes that learn something are looked at', (t) => {
  const { tables, shares } = begun(
    { putNode: node('a') },
    { putNode: node('bb') },
    { putNode: node('c') },
    { putNetwork: network('net') },
    { putTask: task('x', 'a') },
    { putTask: task('y', 'bb') },
    { putTask: task('z', 'c', { networks: [] }) },
  );
  const touchedBy = (...actions: readonly StoreAction[]): unknown => {
    commit(tables, shares, ...actions);
    const touched = shares.take(tables);
    return touched === 'all' ? 'all' : [...touched].sort().join(' ');
  };
  t.is(touchedBy({ putTask: task('x', 'a', { status: status(TaskState.RUNNING, { message: 'well' }) }) }), '', 'its own words');
  t.is(touchedBy({ putTask: task('x', 'a', { status: status(TaskState.STARTING) }) }), 'a bb', 'it does not serve');
  t.is(touchedBy({ putTask: task('z', 'c', { networks: [], desiredState: TaskState.SHUTDOWN }) }), 'c');
  t.is(touchedBy({ putTask: task('w', 'bb', { networks: [], desiredState: TaskState.RUNNING }) }), 'bb');
  t.is(touchedBy({ putNode: node('a', { address: '198.51.100.7' }) }), 'a bb', 'others reach its tasks there');
  t.is(touchedBy(removeAction('task', 'w')), 'bb');
  t.is(touchedBy({ putVolume: volume('data') }), 'all');
  t.is(touchedBy(), '');
});

test('everything is looked at again when changes were missed, and doomed volumes stay doomed', (t) => {
  const { tables, shares } = begun({ putVolume: volume('data', true) });
  applyTransaction(tables, 9, { actions: [removeAction('volume', 'volume-data')], expect: [], atMs: 1, origin: 'test' });
  shares.reset(tables);
  t.is(shares.take(tables), 'all');
  t.deepEqual([...shares.of(tables, 'a').removedVolumes], ['data']);
});

const nodeIds = ['a', 'bb', 'ccc'];
const states = [TaskState.ALLOCATED, TaskState.ASSIGNED, TaskState.RUNNING, TaskState.FAILED, TaskState.ORPHANED];
const desired = [TaskState.RUNNING, TaskState.SHUTDOWN, TaskState.REMOVE];
const networks = (ids: readonly string[]) =>
  ids.map((networkId) => ({ networkId, address: `10.0.0.${networkId.length}`, address6: '', mac: '', aliases: [] }));

const version = (id: string): FileVersion => ({
  id,
  meta: emptyMeta,
  kind: FileKind.SECRET_FILE,
  name: 'key',
  data: new Uint8Array([1, 2]),
  template: false,
});
const using = (...ids: readonly string[]) => ids.map((versionId) => ({ kind: FileKind.SECRET_FILE, name: 'key', versionId }));

/** What a task is made with never changes. */
const filesOfTask: Readonly<Record<string, readonly string[]>> = { t1: ['v1'], t2: ['v1', 'v2'], t3: ['v2'] };

const someTask = fc
  .record({
    id: fc.constantFrom('t1', 't2', 't3', 't4'),
    nodeId: fc.constantFrom('', ...nodeIds),
    state: fc.constantFrom(...states),
    desiredState: fc.constantFrom(...desired),
    on: fc.subarray(['net', 'other', 'ingress']),
    mounts: fc.boolean(),
    target: fc.constantFrom(80, 81),
  })
  .map(({ id, nodeId, state, desiredState, on, mounts, target }): StoreAction => {
    const ports = [{ ...emptyPort, target, published: 8080 }];
    const files = using(...(filesOfTask[id] ?? []));
    const seen = { status: status(state), desiredState };
    const one = task(id, nodeId, { ...seen, networks: networks(on), specVersion: mounts ? 2 : 1, ports, files });
    return { putTask: mounts ? withVolume(one, 'data') : one };
  });
const someNode = fc
  .record({
    id: fc.constantFrom(...nodeIds),
    down: fc.boolean(),
    address: fc.constantFrom('192.0.2.1', '192.0.2.2'),
    ingress: fc.boolean(),
    tunnelAddress: fc.constantFrom('', '10.200.0.1'),
    wireguardKey: fc.constantFrom('', 'one', 'two'),
  })
  .map(({ id, down, address, ingress, tunnelAddress, wireguardKey }): StoreAction => {
    const addresses = ingress ? [{ networkId: 'ingress', address: '10.0.0.99', address6: '' }] : [];
    const description = { ...node(id).description, wireguardKey };
    return { putNode: node(id, { address, addresses, tunnelAddress, description, ...(down ? { state: NodeState.NODE_DOWN } : {}) }) };
  });
const someNetwork = fc
  .record({ id: fc.constantFrom('net', 'other', 'ingress'), internal: fc.boolean(), encrypted: fc.constantFrom('true', 'false') })
  .map(({ id, internal, encrypted }): StoreAction => {
    // Each keeps its driver while it lives: one of the three is of each node alone.
    const spec = { ...network(id).spec, internal, driver: id === 'other' ? 'bridge' : 'overlay', driverOpts: { encrypted } };
    return { putNetwork: { ...network(id), spec } };
  });
const someService = fc
  .record({
    id: fc.constantFrom('service-web', 'service-api'),
    on: fc.subarray(['shop_net', 'shop_other']),
    vip: fc.constantFrom('10.0.0.50', '10.0.0.51'),
    target: fc.constantFrom(80, 81),
    removing: fc.boolean(),
  })
  .map(({ id, on, vip, target, removing }): StoreAction => {
    const attachments = on.map((name) => ({ ...emptyAttachment, network: name }));
    const spec = { ...emptyServiceSpec, name: id, task: { ...emptyTaskSpec, networks: attachments } };
    const vips = [{ networkId: 'net', address: vip, address6: '' }];
    const ports = [{ ...emptyPort, target, published: 8080 }];
    return { putService: { ...newService, id, stack: 'shop', specVersion: 1, spec, vips, ports, removing } };
  });
const someVolume = fc.boolean().map((removing): StoreAction => ({ putVolume: volume('data', removing) }));
const someEnd = fc
  .constantFrom(
    ['task', 't1'] as const,
    ['task', 't2'] as const,
    ['network', 'net'] as const,
    ['network', 'other'] as const,
    ['service', 'service-web'] as const,
    ['node', 'a'] as const,
    ['volume', 'volume-data'] as const,
  )
  .map(([kind, id]) => removeAction(kind, id));
/** What an agent makes of the sets it is sent, by the shared rules. */
class Agent {
  #told = emptyShare;
  #networks = new Map<string, NetworkAssignment>();
  #ingress: ReadonlyMap<string, IngressPort> = new Map();
  #peers: ReadonlyMap<string, TunnelPeer> = new Map();
  #files = new Map<string, FileVersion>();

  tell(share: NodeShare): void {
    const set = shareDifference(this.#told, share);
    for (const one of networksOfSet(this.#networks, set)) this.#networks.set(one.id, one);
    for (const id of set.removedNetworks) this.#networks.delete(id);
    this.#ingress = ingressAfter(this.#ingress, { ...set, baseVersion: 1 });
    this.#peers = peersAfter(this.#peers, { ...set, baseVersion: 1 });
    for (const file of set.files) this.#files.set(file.id, file);
    for (const id of set.removedFiles) this.#files.delete(id);
    this.#told = share;
  }

  knows({ networks, ingress, peers, files }: NodeShare): boolean {
    const same = (a: ReadonlyMap<string, unknown>, b: ReadonlyMap<string, unknown>): boolean =>
      a.size === b.size && [...a].every(([key, value]) => isDeepStrictEqual(b.get(key), value));
    return same(this.#networks, networks) && same(this.#ingress, ingress) && same(this.#peers, peers) && same(this.#files, files);
  }
}

const batches = fc.array(
  fc.array(fc.oneof({ weight: 6, arbitrary: someTask }, someNode, someNetwork, someService, someVolume, someEnd), { maxLength: 4 }),
  {
    maxLength: 12,
  },
);

test('who is told only what was touched knows the same as who is told everything, after whatever happened', (t) => {
  fc.assert(
    fc.property(batches, (all) => {
      const { tables, shares } = begun({ putFileVersion: version('v1') }, { putFileVersion: version('v2') });
      const told = new Map<string, NodeShare>(nodeIds.map((id) => [id, shares.of(tables, id)]));
      const agents = new Map(nodeIds.map((id) => [id, new Agent()]));
      for (const batch of all) {
        commit(tables, shares, ...batch);
        const touched = shares.take(tables);
        for (const id of touched === 'all' ? nodeIds : touched) if (told.has(id)) told.set(id, shares.of(tables, id));
        for (const [id, share] of told) agents.get(id)?.tell(share);
        const fresh = new Shares();
        fresh.reset(tables);
        fresh.take(tables);
        for (const [id, known] of told) {
          const should = fresh.of(tables, id);
          const missing = shareDifference({ ...known, removedVolumes: new Set() }, { ...should, removedVolumes: new Set() });
          if (!isEmptyDifference(missing, known) || agents.get(id)?.knows(should) !== true) return false;
          if (![...should.removedVolumes].every((name) => known.removedVolumes.has(name))) return false;
        }
      }
      return true;
    }),
    { numRuns: 300 },
  );
  t.pass();
});

test('the first node that comes after a beginning is told its networks, though nothing has changed since', (t) => {
  const tables = new Tables();
  const shares = new Shares();
  const actions = [{ putNode: node('a') }, { putNetwork: network('net') }, { putTask: task('x', 'a') }];
  applyTransaction(tables, 1, { actions, expect: [], atMs: 1, origin: 'test' });
  shares.reset(tables);
  t.deepEqual(
    [...shares.of(tables, 'a').networks.values()].map(({ id, endpoints }) => [id, endpoints.length]),
    [['net', 1]],
  );
  t.is(shares.take(tables), 'all', 'and everybody is looked at once');
});

test('what a secret holds goes to the nodes of the tasks that were made with it, and to no other', (t) => {
  const { tables, shares } = begun(
    { putNode: node('a') },
    { putNode: node('bb') },
    { putFileVersion: version('v1') },
    { putFileVersion: version('v2') },
    { putTask: task('x', 'a', { networks: [], files: using('v1') }) },
    { putTask: task('y', 'bb', { networks: [] }) },
    { putTask: task('early', '', { networks: [], files: using('v2'), status: status(TaskState.ALLOCATED) }) },
  );
  const filesOf = (nodeId: string): readonly string[] => [...shares.of(tables, nodeId).files.keys()];
  t.deepEqual([filesOf('a'), filesOf('bb')], [['v1'], []]);
  const first = shares.of(tables, 'a');
  t.deepEqual(
    shareDifference(emptyShare, first).files.map(({ id, data }) => [id, [...data]]),
    [['v1', [1, 2]]],
  );
  t.deepEqual(shareDifference(first, first).files, [], 'and once');

  commit(tables, shares, { putTask: task('z', 'a', { networks: [], files: using('v1', 'v2') }) });
  t.deepEqual(
    shareDifference(first, shares.of(tables, 'a')).files.map(({ id }) => id),
    ['v2'],
  );
});

test('with the end of the last task that was made with it a secret leaves the node, though the task is still to be looked at', (t) => {
  const running = task('x', 'a', { networks: [], files: using('v1') });
  const { tables, shares } = begun({ putNode: node('a') }, { putFileVersion: version('v1') }, { putTask: running });
  const before = shares.of(tables, 'a');
  commit(tables, shares, { putTask: { ...running, desiredState: TaskState.SHUTDOWN } });
  t.deepEqual([...shares.of(tables, 'a').files.keys()], ['v1'], 'it is only being stopped');
  shares.take(tables);
  commit(tables, shares, { putTask: { ...running, desiredState: TaskState.SHUTDOWN, status: status(TaskState.SHUTDOWN) } });
  t.deepEqual(shares.take(tables), new Set(['a']));
  const after = shares.of(tables, 'a');
  t.true(after.tasks.has('x'));
  t.deepEqual(shareDifference(before, after).removedFiles, ['v1']);
});

test('a node that was declared down is sent no secrets of what still counts as running there', (t) => {
  const { tables, shares } = begun(
    { putNode: node('a', { state: NodeState.NODE_DOWN }) },
    { putFileVersion: version('v1') },
    { putTask: task('x', 'a', { networks: [], files: using('v1') }) },
  );
  t.is(shares.of(tables, 'a').files.size, 0);
});
