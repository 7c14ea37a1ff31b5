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
import { etcHosts, hostnameOf } from './etc-hosts.ts';

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
  networkOf: '',
  mode: ServiceMode.REPLICATED,
};

test('a container is called what its spec says, else by its short id, and as the host with the host network', (t) => {
  t.is(hostnameOf(task, 'host'), 'abcdefghijkl');
  t.is(hostnameOf({ ...task, spec: { ...task.spec, container: { ...task.spec.container, hostname: 'db' } } }, 'host'), 'db');
  t.is(hostnameOf({ ...task, spec: { ...task.spec, networkMode: 'host' } }, 'host'), 'host');
});

test('the hosts file has localhost, the extra hosts with either address family, and the own name', (t) => {
  const lines = etcHosts(task, 'web1').split('\n');
  t.true(lines.includes('127.0.0.1\tlocalhost'));
  t.true(lines.includes('192.0.2.7\tdb'));
  t.true(lines.includes('2001:db8::1\tsix'));
  t.true(lines.includes('10.128.0.2\tweb1'));
});
