import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type Endpoint,
  EndpointMode,
  emptyAllocation,
  emptyEndpoint,
  emptyNetworkAssignment,
  type Logger,
  type NetworkAssignment,
} from '@tso/proto';
import { systemClock } from '@tso/proto/system';
import test, { type ExecutionContext } from 'ava';
import { nameKey } from './dns-name.ts';
import type { Asker } from './dns-server.ts';
import { type ConnectedTask, TaskNames } from './task-names.ts';
import type { TaskNetworkPlan } from './types.ts';

const silentLogger: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => silentLogger,
};

const endpoint = (taskId: string, host: number, serving = true): Endpoint => ({
  ...emptyEndpoint,
  taskId,
  serviceName: 'web',
  stack: 'shop',
  address: `10.32.1.${host}`,
  serving,
});

const network = (endpoints: readonly Endpoint[], changes: Partial<NetworkAssignment> = {}): NetworkAssignment => ({
  ...emptyNetworkAssignment,
  id: 'n1',
  name: 'shop_default',
  driver: 'overlay',
  subnet: '10.32.1.0/24',
  gateway: '10.32.1.1',
  endpoints,
  ...changes,
});

const plan = (changes: Partial<TaskNetworkPlan> = {}): TaskNetworkPlan => ({
  taskId: 'asker',
  ownNamespace: true,
  attachments: [{ ...emptyAllocation, networkId: 'n1', address: '10.32.1.9' }],
  networkOf: '',
  links: [],
  stack: 'shop',
  serviceName: 'client',
  sysctls: {},
  ...changes,
});

const make = async (t: ExecutionContext, hostConf = 'nameserver 192.0.2.53\n') => {
  const dir = await mkdtemp(join(tmpdir(), 'task-names-'));
  t.teardown(() => rm(dir, { recursive: true, force: true }));
  const resolvConfPath = join(dir, 'resolv.conf');
  await writeFile(resolvConfPath, hostConf);
  const tasks = new Map<string, ConnectedTask>([['10.32.1.9', { taskId: 'asker', attachments: [{ networkId: 'n1' }] }]]);
  const names = new TaskNames(
    { dir, resolvConfPath },
    { clock: systemClock, logger: silentLogger, taskAt: (address) => tasks.get(address) },
  );
  await names.start();
  t.teardown(() => names.stop());
  return { names, tasks };
};

/** The hosts that the name `tasks.web` stands for. */
const hostsOf = (asker: Asker | undefined, name = 'tasks.web'): readonly number[] | string => {
  const answer = asker?.scope.answer(nameKey(name) ?? '', 1) ?? 'no asker';
  if (typeof answer === 'string') return answer;
  return Array.from({ length: answer.count }, (_, index) => answer.records[index * 16 + 15] ?? 0);
};

test('what is gone is not answered from the moment it is heard of; what is new only once it can be reached', async (t) => {
  const { names } = await make(t);
  names.settleAll([network([endpoint('a', 3), endpoint('b', 4)])]);
  t.deepEqual(hostsOf(names.askerOf('10.32.1.9')), [3, 4]);
  const next = network([endpoint('b', 4), endpoint('c', 5)]);
  names.announce(next);
  t.deepEqual(hostsOf(names.askerOf('10.32.1.9')), [4]);
  names.settle(next);
  t.deepEqual(hostsOf(names.askerOf('10.32.1.9')), [4, 5]);
});

test('tasks are answered before new virtual addresses are: these lead nowhere yet', async (t) => {
  const { names } = await make(t);
  const service = {
    mode: EndpointMode.VIP,
    vip6: '',
    affinity: false,
    ports: [],
    serviceId: 's',
    name: 'db',
    stack: 'shop',
    vip: '10.32.1.77',
    names: ['db'],
  };
  const first = network([endpoint('a', 3)], { services: [] });
  names.settleAll([first]);
  const next = network([endpoint('a', 3), endpoint('b', 4)], { services: [service] });
  names.announce(next);
  names.settleTasks(next);
  t.deepEqual(hostsOf(names.askerOf('10.32.1.9')), [3, 4]);
  t.deepEqual(hostsOf(names.askerOf('10.32.1.9'), 'db'), []);
  names.settle(next);
  t.deepEqual(hostsOf(names.askerOf('10.32.1.9'), 'db'), [77]);
  const last = network([endpoint('b', 4), endpoint('c', 5)], { services: next.services });
  names.announce(last);
  names.settleTasks(last);
  t.deepEqual(hostsOf(names.askerOf('10.32.1.9')), [4, 5]);
  names.settle(last);
  names.settleTasks(next);
  names.settle(next);
  t.deepEqual(hostsOf(names.askerOf('10.32.1.9')), [4, 5], 'what came before brings nothing back');
});

test('an older change that is carried out late brings nothing back', async (t) => {
  const { names } = await make(t);
  names.settleAll([network([endpoint('a', 3)])]);
  const older = network([endpoint('a', 3), endpoint('b', 4)]);
  const newer = network([endpoint('b', 4), endpoint('c', 5)]);
  names.announce(older);
  names.announce(newer);
  names.settle(older);
  t.deepEqual(hostsOf(names.askerOf('10.32.1.9')), [4]);
  names.settle(newer);
  t.deepEqual(hostsOf(names.askerOf('10.32.1.9')), [4, 5]);
});

test('what is carried out in another order than it was told keeps nothing new back', async (t) => {
  const { names } = await make(t);
  names.settleAll([network([endpoint('a', 3)])]);
  const older = network([endpoint('a', 3), endpoint('b', 4)]);
  const newer = network([endpoint('b', 4), endpoint('c', 5)]);
  names.announce(older);
  names.announce(newer);
  names.settle(newer);
  names.settle(older);
  t.deepEqual(hostsOf(names.askerOf('10.32.1.9')), [4, 5]);
});

test('a whole wish that is carried out late neither brings a network back nor takes one away', async (t) => {
  const { names } = await make(t);
  const [older, newer] = [[network([endpoint('a', 3)])], [network([], { id: 'n2', subnet: '10.32.2.0/24' })]];
  names.announceAll(older);
  names.settleNew(older);
  t.deepEqual(hostsOf(names.askerOf('10.32.1.9')), [3]);
  names.announceAll(newer);
  names.settleNew(newer);
  names.settleAll(newer);
  names.settleAll(older);
  t.is(hostsOf(names.askerOf('10.32.1.9')), 'forward');
});

test('a virtual address is answered once it leads somewhere; until then the name is known and empty', async (t) => {
  const { names } = await make(t);
  const service = {
    serviceId: 's',
    name: 'db',
    stack: 'shop',
    mode: EndpointMode.VIP,
    vip: '10.32.1.77',
    vip6: '',
    names: ['db'],
    affinity: false,
    ports: [],
  };
  names.settleAll([network([endpoint('a', 3)])]);
  const next = network([endpoint('a', 3)], { services: [service] });
  names.announce(next);
  t.deepEqual(hostsOf(names.askerOf('10.32.1.9'), 'db'), []);
  names.settle(next);
  t.deepEqual(hostsOf(names.askerOf('10.32.1.9'), 'db'), [77]);
  names.announce(network([], { services: [service] }));
  t.deepEqual(hostsOf(names.askerOf('10.32.1.9'), 'db'), [77]);
  names.announce(network([]));
  t.is(hostsOf(names.askerOf('10.32.1.9'), 'db'), 'forward');
});

test('a task that stops serving is not answered, and one that took over its address is another', async (t) => {
  const { names } = await make(t);
  names.settleAll([network([endpoint('a', 3)])]);
  names.announce(network([endpoint('a', 3, false)]));
  t.deepEqual(hostsOf(names.askerOf('10.32.1.9')), []);
  names.announce(network([endpoint('b', 3)]));
  t.deepEqual(hostsOf(names.askerOf('10.32.1.9')), []);
  names.settle(network([endpoint('b', 3)]));
  t.deepEqual(hostsOf(names.askerOf('10.32.1.9')), [3]);
});

test('a network that is gone is forgotten, and a new one is seen by tasks that asked before it was known', async (t) => {
  const { names } = await make(t);
  t.is(hostsOf(names.askerOf('10.32.1.9')), 'forward');
  names.settleAll([network([endpoint('a', 3)])]);
  t.deepEqual(hostsOf(names.askerOf('10.32.1.9')), [3]);
  names.settleAll([]);
  t.is(hostsOf(names.askerOf('10.32.1.9')), 'forward');
  names.announce(network([endpoint('a', 3)]));
  t.is(hostsOf(names.askerOf('10.32.1.9')), 'forward', 'not one of the wish');
});

test('who has no task is no asker; one that is connected anew is seen as it is now', async (t) => {
  const { names, tasks } = await make(t);
  t.is(names.askerOf('10.32.1.99'), undefined);
  names.settleAll([network([endpoint('a', 3)]), network([endpoint('x', 7)], { id: 'n2', subnet: '10.32.2.0/24' })]);
  t.deepEqual(hostsOf(names.askerOf('10.32.1.9')), [3]);
  tasks.set('10.32.1.9', { taskId: 'asker', attachments: [{ networkId: 'n2' }] });
  t.deepEqual(hostsOf(names.askerOf('10.32.1.9')), [7]);
});

test('links and the own stack count from the moment the file is asked for, until the task is forgotten', async (t) => {
  const { names } = await make(t);
  names.settleAll([network([endpoint('a', 3)])]);
  t.is(hostsOf(names.askerOf('10.32.1.9'), 'site'), 'forward');
  await names.resolvConf(plan({ links: [{ service: 'web', alias: 'site' }] }), undefined);
  t.deepEqual(hostsOf(names.askerOf('10.32.1.9'), 'site'), [3]);
  await names.forget('asker');
  t.is(hostsOf(names.askerOf('10.32.1.9'), 'site'), 'forward');
});

test('each kind of task has its resolv.conf', async (t) => {
  const { names } = await make(t, 'nameserver 192.0.2.53\nsearch lan\n');
  names.settleAll([network([]), network([], { id: 'phys', driver: 'macvlan' })]);
  const ours = 'nameserver 127.0.0.11\nsearch lan\noptions ndots:0\n';
  t.is(await names.resolvConf(plan(), undefined), ours);
  t.is(await names.resolvConf(plan({ attachments: [], networkOf: 'other' }), undefined), ours);
  t.is(await names.resolvConf(plan({ attachments: [{ ...emptyAllocation, networkId: 'phys' }] }), undefined), ours);
  t.is(await names.resolvConf(plan({ attachments: [] }), undefined), '# This task is on no network.\n');
  t.is(await names.resolvConf(plan({ ownNamespace: false, attachments: [] }), undefined), 'nameserver 192.0.2.53\nsearch lan\n');
});

test('the host is reached by the gateways of the first network that leads out', async (t) => {
  const { names } = await make(t);
  const inner = network([], { id: 'inner', internal: true, gateway: '10.32.3.1' });
  names.settleAll([inner, network([], { gateway6: 'fd00:1::1' })]);
  const both = [
    { ...emptyAllocation, networkId: 'inner' },
    { ...emptyAllocation, networkId: 'n1' },
  ];
  t.deepEqual(names.hostGateways(plan({ attachments: both })), ['10.32.1.1', 'fd00:1::1']);
  t.deepEqual(names.hostGateways(plan({ attachments: both.slice(0, 1) })), []);
  t.deepEqual(names.hostGateways(plan({ ownNamespace: false })), ['127.0.0.1']);
});

test('links have variables from the networks as they were told last', async (t) => {
  const { names } = await make(t);
  const service = {
    serviceId: 's',
    name: 'db',
    stack: 'shop',
    mode: EndpointMode.VIP,
    vip: '10.32.1.2',
    vip6: '',
    names: ['db'],
    affinity: false,
    ports: [5432],
  };
  names.settleAll([network([], { services: [service] })]);
  const variables = names.linkVariables(plan({ links: [{ service: 'db', alias: 'data' }] }));
  t.true(variables.includes('DATA_PORT_5432_TCP_ADDR=10.32.1.2'));
});
