import { emptyAllocation, emptyNetworkAssignment } from '@tso/proto';
import test from 'ava';
import { hostNames } from './names.ts';
import { wishedNetwork } from './plan.ts';
import { resolverDevice } from './resolver-network.ts';
import { decodeTask, encodeTask, isFileId, resolveTask } from './task-plan.ts';
import type { TaskNetworkPlan } from './types.ts';

const network = (id: string, number: number) =>
  wishedNetwork(
    {
      ...emptyNetworkAssignment,
      id,
      name: `net${number}`,
      vni: number,
      subnet: `10.32.${number}.0/25`,
      gateway: `10.32.${number}.1`,
      internal: number === 2,
      endpoints: [],
    },
    { names: hostNames('/run/tso', '/run/tso'), nodeId: 'here', nodeAddress: '' },
  );
const networks = new Map([
  ['n1', network('n1', 1)],
  ['n2', network('n2', 2)],
]);
const allocation = (networkId: string, address: string, mac = '') => ({ ...emptyAllocation, networkId, address, mac });
const plan: TaskNetworkPlan = {
  taskId: 'abc',
  ownNamespace: true,
  networkOf: '',
  links: [],
  stack: 'shop',
  serviceName: 'web',
  attachments: [allocation('n2', '10.32.2.3'), allocation('n1', '10.32.1.3', '02:42:0A:20:01:03')],
  sysctls: { 'net.core.somaxconn': '1', 'net.b': '2' },
};

test('a task knows all of its interfaces, in the order of its networks', (t) => {
  const { attachments } = resolveTask(plan, networks);
  t.deepEqual(
    attachments.map(({ device, networkName, address, mac, prefixLength, internal }) => ({
      device,
      networkName,
      address,
      mac,
      prefixLength,
      internal,
    })),
    [
      { device: 'eth0', networkName: 'net2', address: '10.32.2.3', mac: '02:42:0a:20:02:03', prefixLength: 25, internal: true },
      { device: 'eth1', networkName: 'net1', address: '10.32.1.3', mac: '02:42:0a:20:01:03', prefixLength: 25, internal: false },
    ],
  );
});

test('what is written is read back, equal tasks give equal text', (t) => {
  const task = resolveTask(plan, networks);
  t.deepEqual(decodeTask(encodeTask(task)), { ...task, sysctls: { 'net.b': '2', 'net.core.somaxconn': '1' } });
  t.is(encodeTask(task), encodeTask({ ...task, sysctls: { 'net.b': '2', 'net.core.somaxconn': '1' } }));
});

test('a damaged record is none', (t) => {
  for (const text of [
    '',
    '{',
    'null',
    '[]',
    '{"taskId":"a"}',
    '{"taskId":"a","attachments":[{}],"sysctls":{}}',
    '{"taskId":"a","attachments":[],"sysctls":{"a":1}}',
  ])
    t.is(decodeTask(text), undefined, text);
});

test('a network that is not there, an odd sysctl and an odd id are refused', (t) => {
  const message = (changes: Partial<TaskNetworkPlan>) => t.throws(() => resolveTask({ ...plan, ...changes }, networks))?.message ?? '';
  t.regex(message({ attachments: [allocation('n3', '10.32.3.3')] }), /network n3 is not on this host yet/);
  t.regex(message({ attachments: [allocation('n1', '')] }), /address on network net1 "" is not an IPv4 address/);
  t.regex(message({ sysctls: { 'kernel.x': '1' } }), /sysctl kernel\.x is not one of a network namespace/);
  t.regex(message({ sysctls: { 'net./../kernel': '1' } }), /is not one of a network namespace/);
  t.regex(message({ sysctls: { 'net.b': '1\n2' } }), /more than one line/);
  t.regex(message({ taskId: '../x' }), /is not a task id/);
});

test('a name of a namespace file leads nowhere else', (t) => {
  for (const bad of ['', '.', '..', 'a/b', 'a.b', '-a', 'x'.repeat(65)]) t.false(isFileId(bad), bad);
  t.true(isFileId('0a1b2c'));
});

test('an interface is called what the spec says, the others by number, past names that are taken', (t) => {
  const devices = (...names: readonly string[]) =>
    resolveTask(
      { ...plan, wishes: ['net2', 'net1'].map((name, n) => ({ network: name, interfaceName: names[n] ?? '', linkLocalIps: [] })) },
      networks,
    ).attachments.map(({ device }) => device);
  t.deepEqual(devices('', 'db'), ['eth0', 'db']);
  t.deepEqual(devices('', 'eth0'), ['eth1', 'eth0']);
  t.deepEqual(devices('a.b-c_d', 'e'), ['a.b-c_d', 'e']);
  for (const name of ['lo', resolverDevice, 'tso-eth1', '-x', 'with space', 'a/b', '0eth', 'sixteenletters..', 'all'])
    t.throws(() => devices(name), { code: 'INVALID_ARGUMENT', message: /interface_name/ }, name);
  t.throws(() => devices('db', 'db'), { message: 'interface_name db is given to two networks' });
});

test('link-local addresses are of their kind, written in one way, and survive a restart', (t) => {
  const of = (...linkLocalIps: readonly string[]) =>
    resolveTask({ ...plan, wishes: [{ network: 'net1', interfaceName: '', linkLocalIps }] }, networks);
  const task = of('169.254.8.8', 'FE80:0::0008', '169.254.8.8');
  t.deepEqual(
    task.attachments.map(({ linkLocals }) => linkLocals),
    [undefined, ['169.254.8.8', 'fe80::8']],
  );
  t.deepEqual(decodeTask(encodeTask(task))?.attachments, task.attachments);
  for (const text of ['10.0.0.1', 'fd00::1', 'x', '169.254.8.8/16'])
    t.throws(() => of(text), { code: 'INVALID_ARGUMENT', message: /not a link-local/ }, text);
});
