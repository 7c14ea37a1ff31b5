import { emptyPort, HealthState, NodeState, PortProtocol, PublishMode, TaskState } from '@tso/proto';
import test from 'ava';
import { aNode, nodeIdOf } from '../testing/nodes.ts';
import { aTask, aTaskView } from '../testing/views.ts';
import { answeringNodes, parsePort, portCells, publishedAddresses } from './port-rows.ts';

test('a port is tcp unless it says otherwise', (t) => {
  t.deepEqual(parsePort('80', undefined), { port: 80, protocol: 'tcp' });
  t.deepEqual(parsePort('53/udp', undefined), { port: 53, protocol: 'udp' });
  t.deepEqual(parsePort('53', 'udp'), { port: 53, protocol: 'udp' });
  for (const text of ['', 'http', '80/', '80/quic', '65536', '-1', '80/tcp/x']) t.is(parsePort(text, undefined).port, 0, text);
});

test('what is not published yet is not told', (t) => {
  const port = {
    target: 80,
    published: 0,
    protocol: PortProtocol.TCP,
    mode: PublishMode.INGRESS,
    hostIp: '',
    onlyLocal: false,
    rangeFrom: 0,
    rangeTo: 0,
  };
  const view = aTaskView({ ...aTask(), ports: [port, { ...port, published: 8080 }, { ...port, target: 81, published: 8081 }] });
  t.deepEqual(
    publishedAddresses(view, { port: 80, protocol: 'tcp' }).map(({ address, port: published }) => `${address}:${published}`),
    ['0.0.0.0:8080'],
  );
});

test('an ingress port is reached at every node that is ready, a host port and a local one where a task is', (t) => {
  const nodes = [
    aNode('host-b', { address: '10.0.0.2' }),
    aNode('host-a', { address: '10.0.0.1' }),
    aNode('host-c', { state: NodeState.NODE_DOWN }),
  ];
  const on = (slot: number, host: string) => ({
    ...aTask({ slot }),
    nodeId: nodeIdOf(host),
    ports: [
      { ...emptyPort, target: 80, published: 8080 },
      { ...emptyPort, target: 81, published: 8081, onlyLocal: true },
      { ...emptyPort, target: 82, published: 8082, mode: PublishMode.HOST, hostIp: '::1' },
    ],
  });
  const rows = answeringNodes([aTaskView(on(1, 'host-a')), aTaskView(on(2, 'host-a'))], nodes, undefined);
  t.deepEqual(rows.map(portCells), [
    ['80/tcp', 'ingress', 'host-a', '10.0.0.1:8080'],
    ['80/tcp', 'ingress', 'host-b', '10.0.0.2:8080'],
    ['81/tcp', 'ingress (local)', 'host-a', '10.0.0.1:8081'],
    ['82/tcp', 'host', 'host-a', '[::1]:8082'],
  ]);
  t.is(answeringNodes([aTaskView(on(1, 'host-a'))], nodes, { port: 81, protocol: 'tcp' }).length, 1);
  t.is(answeringNodes([aTaskView(on(1, 'host-a'))], [aNode('host-a', { address: '' })], undefined)[0]?.address, '0.0.0.0');
});

test('a local port is to be answered where a task serves, not where one only runs', (t) => {
  const nodes = ['host-a', 'host-b', 'host-c', 'host-d'].map((host) => aNode(host));
  const on = (host: string, wish: Parameters<typeof aTask>[0] = {}) =>
    aTaskView({
      ...aTask(wish),
      nodeId: nodeIdOf(host),
      ports: [
        { ...emptyPort, target: 81, published: 8081, onlyLocal: true },
        { ...emptyPort, target: 82, published: 8082, mode: PublishMode.HOST },
      ],
    });
  const views = [
    on('host-a', { health: HealthState.HEALTHY }),
    on('host-b', { health: HealthState.HEALTH_STARTING }),
    on('host-c', { health: HealthState.UNHEALTHY }),
    on('host-d', { desired: TaskState.SHUTDOWN }),
  ];
  const nodesOf = (port: number) => answeringNodes(views, nodes, { port, protocol: 'tcp' }).map(({ node }) => node);
  t.deepEqual(nodesOf(81), ['host-a']);
  t.deepEqual(nodesOf(82), ['host-a', 'host-b', 'host-c', 'host-d'], "a host port is its task's, whatever that says of itself");
});
