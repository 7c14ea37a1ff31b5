import {
  emptyAllocation,
  emptyContainerSpec,
  emptyMeta,
  emptyTaskSpec,
  newTaskStatus,
  ServiceMode,
  type Task,
  TaskState,
} from '@tso/proto';
import test from 'ava';
import { etcHosts, type HostsFacts, hostnameOf } from './etc-hosts.ts';

const task: Task = {
  id: 'abcdefghijklmnopqrstuvwxy',
  meta: emptyMeta,
  serviceId: 's',
  serviceName: 'web',
  stack: 'shop',
  slot: 1,
  nodeId: 'n',
  spec: { ...emptyTaskSpec, container: { ...emptyContainerSpec, extraHosts: ['db=192.0.2.7', 'six=2001:db8::1'] } },
  specVersion: 1,
  desiredState: TaskState.RUNNING,
  status: newTaskStatus,
  networks: [{ ...emptyAllocation, networkId: 'n', address: '10.128.0.2', mac: '02:42:0a:80:00:02', aliases: [] }],
  ports: [],
  pendingReason: '',
  notBeforeMs: 0,
  drainMs: 0,
  generic: [],
  networkOf: '',
  pidOf: '',
  serviceLabels: {},
  ipcOf: '',
  files: [],
  jobIteration: 0,
  mode: ServiceMode.REPLICATED,
};

test('a container is called what its spec says, else by its short id, and as the host with the host network', (t) => {
  t.is(hostnameOf(task, 'host'), 'abcdefghijkl');
  t.is(hostnameOf({ ...task, spec: { ...task.spec, container: { ...task.spec.container, hostname: 'db' } } }, 'host'), 'db');
  t.is(hostnameOf({ ...task, spec: { ...task.spec, networkMode: 'host' } }, 'host'), 'host');
});

const own = { gateways: ['10.128.0.1', 'fd00::1'], hostFile: undefined };
const withSpec = (changes: Partial<Task['spec']['container']>): Task => ({
  ...task,
  spec: { ...task.spec, container: { ...task.spec.container, ...changes } },
});
const linesOf = (one: Task, hostname: string, facts: HostsFacts = own): readonly string[] => etcHosts(one, hostname, facts).split('\n');

test('the hosts file has localhost, the extra hosts with either address family, and the own name', (t) => {
  const lines = linesOf(task, 'web1');
  t.true(lines.includes('127.0.0.1\tlocalhost'));
  t.true(lines.includes('192.0.2.7\tdb'));
  t.true(lines.includes('2001:db8::1\tsix'));
  t.true(lines.includes('10.128.0.2\tweb1'));
  t.is(lines.at(-1), '');
});

test('the own name has the addresses of each network but that of published ports, and its domain', (t) => {
  const [first = emptyAllocation] = task.networks;
  const networks = [
    { ...first, address6: 'fd00::2' },
    { ...emptyAllocation, networkId: 'ingress', address: '10.130.0.9' },
  ];
  const lines = linesOf({ ...withSpec({ domainname: 'corp.test' }), networks }, 'web1');
  t.true(lines.includes('10.128.0.2\tweb1.corp.test web1'));
  t.true(lines.includes('fd00::2\tweb1.corp.test web1'));
  t.false(lines.join().includes('10.130.0.9'));
});

test('host-gateway is the host as the task reaches it, in each family, or no line at all', (t) => {
  const asking = withSpec({ extraHosts: ['host.docker.internal=host-gateway'] });
  const lines = linesOf(asking, 'web1');
  t.true(lines.includes('10.128.0.1\thost.docker.internal'));
  t.true(lines.includes('fd00::1\thost.docker.internal'));
  t.false(etcHosts(asking, 'web1', { ...own, gateways: [] }).includes('host.docker.internal'));
});

test('without a network the own name is on the loopback; in the namespace of the host its file comes first', (t) => {
  t.true(linesOf({ ...task, networks: [] }, 'web1').includes('127.0.1.1\tweb1'));
  const facts = { gateways: ['127.0.0.1'], hostFile: '127.0.0.1 localhost\n192.0.2.1 machine\n' };
  const onHost = { ...withSpec({ extraHosts: ['h=host-gateway'] }), networks: [] };
  t.is(etcHosts(onHost, 'machine', facts), '127.0.0.1 localhost\n192.0.2.1 machine\n127.0.0.1\th\n');
});
