import {
  emptyAllocation,
  emptyPort,
  emptyServiceSpec,
  HealthState,
  newService,
  type PortConfig,
  PublishMode,
  type Service,
  type StoreAction,
  type Task,
  TaskState,
} from '@tso/proto';
import test from 'ava';
import { applyTransaction } from '../store/apply.ts';
import { removeAction } from '../store/kinds.ts';
import { Tables } from '../store/tables.ts';
import { emptyShare, shareDifference } from './assignments.ts';
import { node, status, task } from './dispatcher-fixture.ts';
import { Shares } from './shares.ts';

const port = (target: number, published: number, more: Partial<PortConfig> = {}): PortConfig => ({
  ...emptyPort,
  target,
  published,
  ...more,
});

const web = (ports: readonly PortConfig[], more: Partial<Service> = {}): Service => ({
  ...newService,
  id: 'service-web',
  stack: 'shop',
  specVersion: 1,
  spec: { ...emptyServiceSpec, name: 'web', affinity: true },
  ports,
  ...more,
});

const backend = (id: string, nodeId: string, ports: readonly PortConfig[], more: Partial<Task> = {}): Task =>
  task(id, nodeId, {
    ports,
    networks: [
      { ...emptyAllocation, networkId: 'net', address: '10.128.0.2' },
      { ...emptyAllocation, networkId: 'ingress', address: `10.129.0.${id.length}` },
    ],
    ...more,
  });

const begun = (...actions: readonly StoreAction[]) => {
  const tables = new Tables();
  const shares = new Shares();
  const commit = (...more: readonly StoreAction[]): void => {
    const result = applyTransaction(tables, tables.index + 1, { actions: more, expect: [], atMs: 1, origin: 'test' });
    if (result.ok) shares.notice(result.changes, tables);
  };
  commit(...actions);
  shares.reset(tables);
  shares.take(tables);
  const touchedBy = (...more: readonly StoreAction[]): string => {
    commit(...more);
    const touched = shares.take(tables);
    return touched === 'all' ? 'all' : [...touched].sort().join(' ');
  };
  const told = (nodeId = 'a') => shares.of(tables, nodeId);
  const backends = (key: string) =>
    told()
      .ingress.get(key)
      ?.backends.map(({ address }) => address);
  return { tables, shares, touchedBy, told, backends };
};

const http = port(80, 8080);

test('every node is told every published port with the tasks that serve it, wherever they are', (t) => {
  const dns = port(53, 53, { protocol: 1 });
  const ports = [http, dns, port(22, 2222, { mode: PublishMode.HOST }), port(81, 0)];
  const site = begun(
    { putNode: node('a') },
    { putNode: node('bb') },
    { putService: web(ports) },
    { putTask: backend('y', 'bb', ports) },
    { putTask: backend('xx', 'a', ports) },
  );
  t.deepEqual([...site.told('a').ingress.keys()], ['service-web/53/udp', 'service-web/8080/tcp']);
  t.is(site.told('a').ingress, site.told('nobody').ingress);
  t.deepEqual(site.told().ingress.get('service-web/8080/tcp'), {
    port: http,
    serviceId: 'service-web',
    serviceName: 'web',
    stack: 'shop',
    affinity: true,
    backends: [
      { taskId: 'xx', nodeId: 'a', address: '10.129.0.2', address6: '' },
      { taskId: 'y', nodeId: 'bb', address: '10.129.0.1', address6: '' },
    ],
  });
});

test('a service on the network of its hosts has no ports that others answer on', (t) => {
  const onHost = web([http]);
  const spec = { ...onHost.spec, task: { ...onHost.spec.task, networkMode: 'host' } };
  const site = begun({ putNode: node('a') }, { putService: { ...onHost, spec } }, { putTask: backend('x', 'a', [http], { networks: [] }) });
  t.is(site.told().ingress.size, 0);
});

test('a task that does not serve leaves every node’s ports at once, and the port stays', (t) => {
  const site = begun({ putNode: node('a') }, { putService: web([http]) }, { putTask: backend('x', 'a', [http]) });
  const key = 'service-web/8080/tcp';
  t.is(
    site.touchedBy({ putTask: backend('x', 'a', [http], { status: status(TaskState.RUNNING, { health: HealthState.UNHEALTHY }) }) }),
    'all',
  );
  t.deepEqual(site.backends(key), []);
  t.is(site.touchedBy({ putTask: backend('x', 'a', [http]) }), 'all');
  t.deepEqual(site.backends(key), ['10.129.0.1']);
  t.is(site.touchedBy({ putTask: backend('x', 'a', [http], { desiredState: TaskState.SHUTDOWN, drainMs: 1_000 }) }), 'all');
  t.deepEqual(site.backends(key), []);
  const words = { desiredState: TaskState.SHUTDOWN, drainMs: 1_000, status: status(TaskState.RUNNING, { message: 'stopping' }) };
  t.is(site.touchedBy({ putTask: backend('x', 'a', [http], words) }), '', 'its own words');
});

test('what changed of ports is told, and what is gone by its name', (t) => {
  const site = begun({ putNode: node('a') }, { putService: web([http, port(81, 8081)]) }, { putTask: backend('x', 'a', [http]) });
  const before = site.told();
  t.deepEqual(
    shareDifference(emptyShare, before).ingress.map(({ port: { published } }) => published),
    [8080, 8081],
  );
  t.is(site.touchedBy({ putService: web([{ ...http, onlyLocal: true }]) }), 'all');
  const { ingress, removedIngress } = shareDifference(before, site.told());
  t.deepEqual(
    [ingress.map(({ port: { published, onlyLocal } }) => [published, onlyLocal]), removedIngress],
    [[[8080, true]], ['service-web/8081/tcp']],
  );
  t.is(site.touchedBy({ putService: web([{ ...http, onlyLocal: true }], { rebalanced: 5 }) }), '', 'nobody sees a difference');
  t.is(site.touchedBy(removeAction('service', 'service-web')), 'all');
  t.is(site.told().ingress.size, 0);
});

test('while an update changes where tasks listen, the older ones answer until the first new one serves', (t) => {
  const moved = port(8000, 8080);
  const site = begun(
    { putNode: node('a') },
    { putService: web([http]) },
    { putTask: backend('x', 'a', [http]) },
    { putTask: backend('xx', 'a', [http]) },
  );
  const heard = () => {
    const found = site.told().ingress.get('service-web/8080/tcp');
    return [found?.port.target, found?.backends.map(({ taskId }) => taskId)];
  };
  site.touchedBy({ putService: web([moved]) });
  t.deepEqual(heard(), [80, ['x', 'xx']]);
  site.touchedBy({ putTask: backend('new', 'a', [moved], { status: status(TaskState.STARTING) }) });
  t.deepEqual(heard(), [80, ['x', 'xx']]);
  site.touchedBy({ putTask: backend('new', 'a', [moved]) });
  t.deepEqual(heard(), [8000, ['new']]);
});
