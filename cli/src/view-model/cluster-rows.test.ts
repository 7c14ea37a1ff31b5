import { type AuthorityView, FileKind, NodeRole, NodeState, RebalanceMode } from '@tso/proto';
import test from 'ava';
import { aNetwork } from '../testing/networks.ts';
import { aManager, aNode } from '../testing/nodes.ts';
import { aService } from '../testing/views.ts';
import { authorityProgress } from './authority-progress.ts';
import { clusterLines } from './info-text.ts';
import { nodeCells, nodeDetails } from './node-row.ts';
import { vipRows } from './service-row.ts';
import { serviceCells, serviceDetails } from './service-text.ts';

const managerOf = (view: Parameters<typeof nodeCells>[0]): string => nodeCells(view, '')[4] ?? '';

test('the manager of a node has a word for each moment of its life', (t) => {
  t.is(managerOf(aNode('b')), '');
  t.is(managerOf(aNode('b', { wantedRole: NodeRole.MANAGER })), 'starting');
  t.is(managerOf(aNode('b', { wantedRole: NodeRole.MANAGER }, { raftId: 2 })), 'catching up');
  t.is(managerOf(aManager('b', {}, { voter: false })), 'reachable (no vote yet)');
  t.is(managerOf(aManager('b')), 'reachable');
  t.is(managerOf(aManager('b', {}, { reachability: 'unreachable' })), 'unreachable');
  t.is(managerOf(aManager('b', {}, { leader: true })), 'leader');
  t.is(managerOf(aManager('b', { wantedRole: NodeRole.WORKER })), 'leaving');
  t.is(managerOf(aManager('b', {}, { raftId: 0 })), 'missing');
});

test('what a node says of itself cannot steer the terminal', (t) => {
  const view = aNode('b\u001b[2J', {
    id: 'b'.repeat(25),
    address: '10.0.0.2\u001b',
    state: NodeState.NODE_DOWN,
    stateMessage: 'bad\nnews',
    labels: { 'x\u0007': 'y' },
  });
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there
  t.notRegex([...nodeCells(view, ''), ...nodeDetails(view).flat()].join(''), /[\u0000-\u001f]/);
});

test('labels follow one another below one name', (t) => {
  const lines = nodeDetails(aNode('b', { labels: { zone: 'x', disk: 'ssd', gpu: '' } })).filter(
    ([name, value]) => name === 'Labels' || (name === '' && value !== ''),
  );
  t.deepEqual(lines, [
    ['Labels', 'disk=ssd'],
    ['', 'gpu'],
    ['', 'zone=x'],
  ]);
});

const authority: AuthorityView = {
  certificates: '',
  digest: '',
  epoch: 2,
  rotating: true,
  waitingFor: ['host-b', 'host-c'],
  notAfterMs: 0,
  certificateLifeMs: 0,
};

test('a rotation has a row for each node that stays, by what it holds and not by its name', (t) => {
  const nodes = [
    aNode('host-a', { authorityEpoch: 2 }),
    aNode('host-b', { authorityEpoch: 1 }),
    aNode('host-b', { id: 'z'.repeat(25), authorityEpoch: 2 }),
    aNode('host-c', { authorityEpoch: 1, state: NodeState.NODE_DOWN }),
    aNode('host-d', { authorityEpoch: 1, removing: true }),
  ];
  const progress = authorityProgress(authority, nodes);
  t.is(progress.title, 'certificates of the new root: 2 of 4 nodes');
  t.deepEqual(
    progress.rows.map(({ name, state }) => `${name} ${state}`),
    ['host-a renewed', 'host-b (hostb0000000) renewing', 'host-b (zzzzzzzzzzzz) renewed', 'host-c waiting'],
  );
  t.is(progress.outcome.kind, 'waiting');
  t.is(authorityProgress({ ...authority, rotating: false, waitingFor: [] }, nodes).outcome.kind, 'done');
});

test('info says what a daemon knows when no manager can be asked', (t) => {
  const base = { state: 'error', nodeId: 'n', error: 'the certificate has expired', manager: false, managers: ['10.0.0.1:2478'] };
  t.deepEqual(clusterLines(base, undefined), [
    ['Cluster', 'cannot take part: the certificate has expired'],
    ['Node', 'n'],
    ['Managers', '10.0.0.1:2478'],
  ]);
  t.deepEqual(clusterLines({ ...base, state: 'inactive', error: '', nodeId: '', managers: [] }, undefined), [
    ['Cluster', 'none (tso init, or tso up, starts one; tso join makes it part of one)'],
  ]);
});

test('a service that is being spread anew says so', (t) => {
  const view = aService([], { desired: 0 });
  const spreading = {
    ...view,
    service: {
      ...view.service,
      rebalance: 2,
      rebalanced: 1,
      rebalancedAtMs: 1_000,
      spec: { ...view.service.spec, rebalance: RebalanceMode.REBALANCE_AUTO },
    },
  };
  t.is(serviceCells(spreading, 0).at(-1), 'its tasks are being spread anew');
  t.deepEqual(
    serviceDetails(spreading, 61_000).find(([name]) => name === 'Rebalancing'),
    ['Rebalancing', 'by itself when a node comes or returns; last move 60 s ago'],
  );
});

test('a node shows its own addresses and whether it can be on encrypted networks', (t) => {
  const plain = aNode('host-b');
  const node = {
    ...plain.node,
    addresses: [{ networkId: 'ingress', address: '10.128.0.7', address6: '' }],
    tunnelAddress: '10.128.16.3',
    description: { ...plain.node.description, wireguardKey: 'key' },
  };
  const details = nodeDetails({ ...plain, node }).filter(([name]) => ['On ingress', 'In tunnels', 'Encryption'].includes(name));
  t.deepEqual(details, [
    ['On ingress', '10.128.0.7'],
    ['In tunnels', '10.128.16.3'],
    ['Encryption', 'WireGuard'],
  ]);
  t.false(nodeDetails(plain).some(([name]) => name === 'In tunnels' || name === 'Encryption'));
});

test('what needs a person on a node is said beside it, whole on its own page', (t) => {
  const plain = aNode('host-b');
  const troubles = ['port 80/tcp is taken by nginx', 'UDP port 4789 is closed'];
  const view = { ...plain, node: { ...plain.node, description: { ...plain.node.description, troubles } } };
  t.is(nodeCells(view, '').at(-1), 'port 80/tcp is taken by nginx (and 1 more: tso node inspect)');
  t.is(nodeCells(plain, '').at(-1), '');
  const told = nodeDetails(view).map(([name, value]) => `${name}: ${value}`);
  t.true(told.join('\n').includes('Troubles: port 80/tcp is taken by nginx\n: UDP port 4789 is closed'));
});

test('a service shows its virtual addresses with their networks, and how it lets go', (t) => {
  const plain = aService([]);
  const vips = [{ networkId: 'n1', address: '10.20.0.2', address6: 'fd00::2' }];
  const spec = { ...plain.service.spec, affinity: true, drainMs: 3000 };
  const view = { ...plain, service: { ...plain.service, vips, spec } };
  const rows = vipRows(view, [aNetwork('shop_back', { id: 'n1' })]);
  t.deepEqual(rows, [{ network: 'shop_back', networkId: 'n1', address: '10.20.0.2', address6: 'fd00::2' }]);
  t.is(vipRows(view, [])[0]?.network, 'n1');
  const details = new Map(serviceDetails(view, 0, rows));
  t.is(details.get('Addresses'), '10.20.0.2, fd00::2 on shop_back');
  t.is(details.get('Endpoint'), 'vip; a client stays with its task; drains for 3.0 s');
});

test('inspecting a service tells its secrets and configs, and where its containers have them', (t) => {
  const view = aService([]);
  const mount = { kind: FileKind.SECRET_FILE, name: 'visits_key', target: '/run/secrets/key', uid: 0, gid: 0, mode: 0o444 };
  const files = [mount, { ...mount, kind: FileKind.CONFIG_FILE, name: 'visits_conf', target: '/conf' }, { ...mount, target: '/again' }];
  const { task } = view.service.spec;
  const spec = { ...view.service.spec, task: { ...task, container: { ...task.container, files } } };
  const details = new Map(serviceDetails({ ...view, service: { ...view.service, spec } }, 0));
  t.is(details.get('Secrets'), 'visits_key at /run/secrets/key, visits_key at /again');
  t.is(details.get('Configs'), 'visits_conf at /conf');
  t.false(new Map(serviceDetails(view, 0)).has('Secrets'));
});

test('what only the owner of a node knows of, and which networks its kernel can do, is told where it is said', (t) => {
  const plain = aNode('a');
  const generic = [
    { kind: 'gpu', count: 2, ids: ['card0', 'card1'] },
    { kind: 'slots', count: 3, ids: [] },
  ];
  const description = { ...plain.node.description, generic, networkDrivers: ['bridge', 'overlay'] };
  const rowsOf = (view: typeof plain) => nodeDetails(view).filter(([name]) => ['Generic', 'Network drivers'].includes(name));
  t.deepEqual(rowsOf({ ...plain, node: { ...plain.node, description } }), [
    ['Generic', 'gpu=card0|card1, slots=3'],
    ['Network drivers', 'bridge, overlay'],
  ]);
  t.deepEqual(rowsOf(plain), []);
});
