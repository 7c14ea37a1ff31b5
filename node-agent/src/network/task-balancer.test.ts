import { EndpointMode, emptyEndpoint, emptyNetworkAssignment, type NetworkAssignment } from '@tso/proto';
import test from 'ava';
import { CollectedLog } from '../testing/collected-log.ts';
import { TaskBalancer } from './task-balancer.ts';
import type { AttachedTask } from './task-plan.ts';
import { attachmentOn } from './testing/attachment.ts';

const service = {
  serviceId: 'web',
  name: 'web',
  stack: 'shop',
  mode: EndpointMode.VIP,
  vip: '10.32.1.9',
  vip6: '',
  names: [],
  affinity: false,
  ports: [],
};
const network = (...hosts: readonly number[]): NetworkAssignment => ({
  ...emptyNetworkAssignment,
  id: 'n1',
  vni: 4097,
  services: [service],
  endpoints: hosts.map((host) => ({ ...emptyEndpoint, taskId: `t${host}`, serviceId: 'web', address: `10.32.1.${host}`, serving: true })),
});

const client: AttachedTask = {
  taskId: 'client',
  sysctls: {},
  attachments: [attachmentOn(1, { device: 'eth0', address: '10.32.1.2', mac: '02:42:0a:20:01:02' })],
};

const world = () => {
  const tasks: AttachedTask[] = [];
  const loads: string[] = [];
  const log = new CollectedLog();
  const balancer = new TaskBalancer({
    logger: log,
    tasks: () => tasks,
    inside: async (taskId, work) => {
      const task = tasks.find((one) => one.taskId === taskId);
      if (task !== undefined) await work(task, '/namespace');
    },
    load: async (_file, rules) => void loads.push(rules),
    replace: () => Promise.reject(new Error('nobody changed it, so that it takes what differs')),
  });
  return { tasks, loads, log, balancer };
};

test('a change that comes while a namespace is being made is told to it in the end', async (t) => {
  const { tasks, loads, log, balancer } = world();
  await balancer.setNetworks([network(3)]);
  t.deepEqual(balancer.balances(client).get('s_35t_web')?.targets, ['10.32.1.3']);
  await balancer.setMembers(network(3, 4));
  t.deepEqual(loads, [], 'it is not among the tasks yet');
  tasks.push(client);
  await balancer.update(client, '/namespace');
  t.is(loads.length, 1);
  t.true(loads[0]?.includes('dnat to numgen random mod 2 map { 0 : 10.32.1.3, 1 : 10.32.1.4 }'));
  t.deepEqual(log.lines, []);
  t.deepEqual(balancer.known('client')?.get('s_35t_web')?.targets, ['10.32.1.3', '10.32.1.4']);
});

test('a namespace that has what it is to have costs nothing', async (t) => {
  const { tasks, loads, log, balancer } = world();
  await balancer.setNetworks([network(3)]);
  balancer.balances(client);
  tasks.push(client);
  await balancer.update(client, '/namespace');
  await balancer.setMembers(network(3));
  t.deepEqual([loads, log.lines], [[], []]);
});
