import test from 'ava';
import { IngressLab, ingressAddress, nodes, tasks, web, webPort } from './support/ingress-lab.ts';
import { answer } from './support/network-lab.ts';

// Ports that every node answers on: three hosts, tasks on two of them, asked from everywhere.

const lab = await IngressLab.create();
test.after.always(() => lab.destroy());

const client = lab.lab.wires.gateway;
/** Answers of some connections, as pairs of who answered and whom it saw. */
const seen = async (outcome: Promise<{ code: number; stdout: string; stderr: string }>) =>
  answer(await outcome)
    .split('\n')
    .map((line) => line.split(' '));
const sorted = (pairs: string[][]) => [...new Set(pairs.map((pair) => pair.join(' ')))].toSorted();

test.serial('every node answers, by local and by remote tasks; a local task sees the client, a remote one the node', async (t) => {
  await lab.publish(webPort({}));
  t.deepEqual(sorted(await seen(lab.toolOutside('ask', lab.address('a'), '8080', 'tcp', '30'))), [
    `weba ${client}`,
    `webb ${ingressAddress.a}`,
  ]);
  t.deepEqual(sorted(await seen(lab.toolOutside('ask', lab.address('b'), '8080', 'tcp', '30'))), [
    `weba ${ingressAddress.b}`,
    `webb ${client}`,
  ]);
  t.deepEqual(sorted(await seen(lab.toolOutside('ask', lab.address('c'), '8080', 'tcp', '30'))), [
    `weba ${ingressAddress.c}`,
    `webb ${ingressAddress.c}`,
  ]);
});

test.serial('every node answers at localhost and at its own address', async (t) => {
  for (const node of nodes) {
    for (const address of ['127.0.0.1', lab.address(node)]) {
      const names = new Set((await seen(lab.toolOn(node, 'ask', address, '8080', 'tcp', '24'))).map(([name]) => name));
      t.deepEqual([...names].toSorted(), ['weba', 'webb'], `${node} asks ${address}`);
    }
  }
});

test.serial('containers reach it at the address of a node, those that serve it too', async (t) => {
  for (const task of ['db', 'lone', 'weba'] as const) {
    for (const node of ['a', 'b', 'c'] as const) {
      const names = new Set((await seen(lab.toolIn(task, 'ask', lab.address(node), '8080', 'tcp', '24'))).map(([name]) => name));
      t.deepEqual([...names].toSorted(), ['weba', 'webb'], `${task} asks ${node}`);
    }
  }
});

test.serial('UDP is answered everywhere too', async (t) => {
  await lab.publish(webPort({}), webPort({ published: 8053, protocol: 1 }));
  t.deepEqual(sorted(await seen(lab.toolOutside('ask', lab.address('a'), '8053', 'udp', '24'))), [
    `weba ${client}`,
    `webb ${ingressAddress.a}`,
  ]);
  for (const [node, address] of [
    ['a', '127.0.0.1'],
    ['c', '127.0.0.1'],
    ['c', lab.address('c')],
  ] as const) {
    const names = new Set((await seen(lab.toolOn(node, 'ask', address, '8053', 'udp', '24'))).map(([name]) => name));
    t.deepEqual([...names].toSorted(), ['weba', 'webb'], `${node} asks ${address}`);
  }
});

test.serial('with affinity a client gets the same task at every node and each time', async (t) => {
  await lab.publish(webPort({}, web, { affinity: true }));
  const first = await Promise.all(nodes.map((node) => seen(lab.toolOutside('ask', lab.address(node), '8080', 'tcp', '8'))));
  await lab.publish(webPort({}), webPort({ published: 8090 }, web, { affinity: true, serviceId: 'other' }));
  await lab.publish(webPort({}, web, { affinity: true }));
  const second = await Promise.all(nodes.map((node) => seen(lab.toolOutside('ask', lab.address(node), '8080', 'tcp', '8'))));
  t.is(new Set([...first, ...second].flat().map(([name]) => name)).size, 1);
});

test.serial('a port of local tasks only sees the client, and is refused where no task is', async (t) => {
  await lab.publish(webPort({ onlyLocal: true }));
  t.deepEqual(sorted(await seen(lab.toolOutside('ask', lab.address('a'), '8080', 'tcp', '8'))), [`weba ${client}`]);
  t.deepEqual(sorted(await seen(lab.toolOutside('ask', lab.address('b'), '8080', 'tcp', '8'))), [`webb ${client}`]);
  t.regex(answer(await lab.toolOutside('ask', lab.address('c'), '8080')), /ECONNREFUSED/);
  t.regex(answer(await lab.toolOn('c', 'ask', '127.0.0.1', '8080')), /ECONNREFUSED/);
});

test.serial('without a serving task every node refuses at once, TCP and UDP, from everywhere', async (t) => {
  await lab.publish(webPort({}, []), webPort({ published: 8053, protocol: 1 }, []));
  for (const node of nodes) {
    t.regex(answer(await lab.toolOutside('ask', lab.address(node), '8080')), /ECONNREFUSED/, node);
    t.regex(answer(await lab.toolOutside('ask', lab.address(node), '8053', 'udp')), /ECONNREFUSED/, node);
    for (const address of ['127.0.0.1', '::1']) t.regex(answer(await lab.toolOn(node, 'ask', address, '8080')), /ECONNREFUSED/, address);
  }
  t.regex(answer(await lab.toolIn('lone', 'ask', lab.address('a'), '8080')), /ECONNREFUSED/);
});

test.serial(
  'the ingress network itself is open to nobody: neither its nodes nor its tasks, from outside or from other networks',
  async (t) => {
    await lab.publish(webPort({}));
    for (const address of [tasks.weba.networks[9], ingressAddress.a, '10.32.9.1']) {
      t.regex(answer(await lab.toolIn('lone', 'ask', address, '8080')), /failed/, `lone asks ${address}`);
      t.regex(answer(await lab.toolIn('lone', 'ask', address, '7000')), /failed/, `lone asks ${address}`);
    }
    await lab.lab.client('ip', ['route', 'add', '10.32.9.0/24', 'via', lab.address('a')]);
    for (const [address, port] of [
      [tasks.weba.networks[9], '7000'],
      [ingressAddress.a, '8080'],
    ] as const)
      t.regex(answer(await lab.toolOutside('ask', address, port)), /failed/, `outside asks ${address}`);
    await lab.lab.client('ip', ['route', 'delete', '10.32.9.0/24']);
  },
);
