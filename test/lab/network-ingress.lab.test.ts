import test from 'ava';
import { nft } from './hosts/wires.ts';
import { eventually } from './support/eventually.ts';
import {
  clientAddress6,
  IngressLab,
  ingressAddress,
  ingressAddress6,
  nodeAddress6,
  nodes,
  tasks,
  web,
  webPort,
} from './support/ingress-lab.ts';
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

test.serial('IPv6 is answered by every node where the ingress network has it', async (t) => {
  await lab.publish(webPort({}), webPort({ published: 8053, protocol: 1 }));
  for (const protocol of ['tcp', 'udp']) {
    const port = protocol === 'tcp' ? '8080' : '8053';
    t.deepEqual(sorted(await seen(lab.toolOutside('ask', nodeAddress6.a, port, protocol, '24'))), [
      `weba ${clientAddress6}`,
      `webb ${ingressAddress6.a}`,
    ]);
    t.deepEqual(sorted(await seen(lab.toolOutside('ask', nodeAddress6.c, port, protocol, '24'))), [
      `weba ${ingressAddress6.c}`,
      `webb ${ingressAddress6.c}`,
    ]);
    const own = new Set((await seen(lab.toolOn('a', 'ask', nodeAddress6.a, port, protocol, '24'))).map(([name]) => name));
    t.deepEqual([...own].toSorted(), ['weba', 'webb'], `${protocol} from the node itself`);
    const inner = new Set((await seen(lab.toolIn('db', 'ask', nodeAddress6.a, port, protocol, '24'))).map(([name]) => name));
    t.deepEqual([...inner].toSorted(), ['weba', 'webb'], `${protocol} from a container`);
  }
  // The kernel brings no answer back to ::1 from another device: refused at once, so that who asks localhost goes on to 127.0.0.1.
  for (const node of nodes) t.regex(answer(await lab.toolOn(node, 'ask', '::1', '8080')), /ECONNREFUSED/, node);
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

test.serial('tasks that publish ports are no neighbours on the network that carries these, be it by way of a host', async (t) => {
  await lab.publish(webPort({}));
  const addresses = [tasks.webb.networks[9], 'fd00:9::4', ingressAddress.a, ingressAddress.b, ingressAddress6.b];
  const asked = addresses.flatMap((address) => [
    ['ask', address, '7000', 'tcp'],
    ['ask', address, '7000', 'udp'],
  ]);
  const outcomes = await Promise.all(asked.map((words) => lab.toolIn('weba', ...words)));
  for (const [index, outcome] of outcomes.entries()) t.regex(answer(outcome), /failed/, `weba: ${asked[index]?.join(' ')}`);
  // Frames for the host that webb is on, which are no frames for a task.
  const away = [tasks.webb.networks[9], 'lladdr', '02:43:0a:20:09:fb', 'dev', 'eth1'];
  t.is((await lab.inTask('weba', 'ip', 'neigh', 'replace', ...away)).code, 0);
  t.regex(answer(await lab.toolIn('weba', 'ask', tasks.webb.networks[9], '7000')), /failed/);
  t.is((await lab.inTask('weba', 'ip', 'neigh', 'delete', ...away)).code, 0);
  t.is(
    answer(await lab.toolIn('weba', 'ask', tasks.webb.networks[1], '7000')),
    `webb ${tasks.weba.networks[1]}`,
    'where they are neighbours',
  );
});

test.serial('a port at one address of the host is answered there and nowhere else', async (t) => {
  await lab.publish(webPort({ hostIp: '127.0.0.1' }));
  for (const node of nodes) {
    t.regex(answer(await lab.toolOn(node, 'ask', '127.0.0.1', '8080')), /^web[ab] /, node);
    t.regex(answer(await lab.toolOn(node, 'ask', lab.address(node), '8080')), /ECONNREFUSED/, node);
    t.regex(answer(await lab.toolOutside('ask', lab.address(node), '8080')), /ECONNREFUSED/, node);
  }
});

test.serial(
  'a program that has the port keeps it on its node and is named; the others answer, and it does once the program ends',
  async (t) => {
    await lab.publish();
    const program = await lab.spawnOn('b', 'serve', 'program', '8080');
    await lab.publish(webPort({}), webPort({ published: 8081 }));
    const troubles = (await lab.daemon('b').call('troubles')) as string[];
    t.regex(troubles.join(), /^service lab_web is not answered on this node: port 8080\/tcp is taken on this host by node \(pid \d+\)/);
    t.deepEqual(await lab.daemon('a').call('troubles'), []);
    t.is(answer(await lab.toolOutside('ask', lab.address('b'), '8080')), `program ${client}`);
    t.regex(answer(await lab.toolOutside('ask', lab.address('b'), '8081')), /^web[ab] /);
    t.regex(answer(await lab.toolOutside('ask', lab.address('a'), '8080')), /^web[ab] /);
    await lab.end(program);
    await eventually('nothing is in the way', async () => ((await lab.daemon('b').call('troubles')) as string[]).length === 0);
    t.regex(answer(await lab.toolOutside('ask', lab.address('b'), '8080')), /^web[ab] /);
  },
);

test.serial('while a service changes its tasks no connection fails, and one that was made goes on', async (t) => {
  await lab.publish(webPort({}, ['weba']));
  const talk = lab.talk('chat', lab.address('c'), 8080);
  t.is(await eventually('it is greeted', () => talk.lines[0]), `weba ${ingressAddress.c}`);
  const asked = async (node: (typeof nodes)[number]) => {
    const answers = [];
    for (let round = 0; round < 20; round += 1)
      answers.push(...(await seen(lab.toolOutside('ask', lab.address(node), '8080', 'tcp', '20'))));
    return answers;
  };
  const asking = Promise.all(nodes.map(asked));
  let over = false;
  void asking.finally(() => {
    over = true;
  });
  let changes = 0;
  for (const backends of Array.from({ length: 200 }, (_, index) => (index % 3 === 0 ? web : [web[index % 2] ?? 'weba']))) {
    if (over) break;
    await lab.publish(webPort({}, backends));
    changes += 1;
  }
  const answers = (await asking).flat();
  t.true(changes > 3, `${changes} changes`);
  t.deepEqual(
    answers.filter(([name]) => name === 'failed:').map((words) => words.join(' ')),
    [],
  );
  t.is(answers.length, 1200);
  t.deepEqual([...new Set(answers.map(([name]) => name))].toSorted(), ['weba', 'webb']);
  await lab.publish(webPort({}, ['webb']));
  t.is(await talk.ask('the old connection is answered'), `weba ${ingressAddress.c}`);
});

test.serial(
  'a UDP flow goes over to a task that serves when its own does no longer, without a pause, and stays while it does',
  async (t) => {
    const udp = (backends: readonly (typeof web)[number][]) => webPort({ published: 8053, protocol: 1 }, backends);
    for (const node of nodes) {
      await lab.publish(udp(['weba']));
      const talk = lab.talk('flow', lab.address(node), 8053);
      await eventually('the client is there', () => talk.lines[0] === 'ready');
      t.is(await talk.until('weba'), 1, node);
      await lab.publish(udp(['webb']));
      t.true((await talk.until('webb')) <= 3, `${node}: to webb`);
      await lab.publish(udp(web));
      for (let count = 0; count < 5; count += 1) t.regex(await talk.ask('the flow goes on'), /^webb /, node);
      await lab.publish(udp(['weba']));
      t.true((await talk.until('weba')) <= 4, `${node}: back to weba`);
      t.regex(await talk.ask('it stays there'), /^weba /, node);
    }
  },
);

test.serial('SCTP is translated like the others, with its checksum', async (t) => {
  await lab.publish(webPort({ published: 8060, target: 7060, protocol: 2 }));
  const [local, remote] = [await lab.hearSctp('weba', 7060), await lab.hearSctp('webb', 7060)];
  const outcome = await lab.sendSctp(lab.address('a'), 8060, 24);
  t.is(outcome.code, 0, outcome.stderr);
  await eventually('all are heard', () => local.length + remote.length === 26);
  t.deepEqual([...new Set(local.slice(1))], [`${client} 7060 good`]);
  t.deepEqual([...new Set(remote.slice(1))], [`${ingressAddress.a} 7060 good`]);
});

test.serial('who is outside does not come in by the address of a container or of the loopback', async (t) => {
  const inner = '10.32.1.77';
  await lab.lab.client('ip', ['address', 'add', `${inner}/32`, 'dev', 'switch']);
  await lab.lab.client('sysctl', ['-q', '-w', 'net.ipv4.conf.switch.route_localnet=1']);
  // As Kubernetes has it: without, the kernel itself would drop them.
  await lab
    .host('a')
    .run('sysctl', ['-q', '-w', 'net.ipv4.conf.eth0.route_localnet=1', 'net.ipv4.conf.eth0.rp_filter=0', 'net.ipv4.conf.all.rp_filter=0']);
  const listener = await lab.spawnOn('a', 'hear', '0.0.0.0', '9999');
  let heard = '';
  listener.stdout?.on('data', (data: Buffer) => {
    heard += data.toString();
  });
  for (const from of [inner, '127.0.0.5', client]) await lab.toolOutside('ask', lab.address('a'), '9999', 'udp', '1', from);
  await eventually('the honest one is heard', () => heard.includes(client));
  t.is(heard.trim(), `? from ${client}`);
  await lab.end(listener);
  await lab.lab.client('ip', ['address', 'delete', `${inner}/32`, 'dev', 'switch']);
});

test.serial('what listens on the loopback of a task alone is not reached by its neighbours', async (t) => {
  const heard = await lab.hearIn('weba', '127.0.0.5', 9998);
  const way = ['127.0.0.0/8', 'via', tasks.weba.networks[1], 'dev', 'eth0'];
  await lab.inTask('db', 'ip', 'route', 'delete', 'local', '127.0.0.0/8', 'dev', 'lo', 'table', 'local');
  t.is((await lab.inTask('db', 'ip', 'route', 'add', ...way)).code, 0);
  for (let count = 0; count < 3; count += 1) await lab.toolIn('db', 'send', '127.0.0.5', '9998', 'kept out');
  // It would be, but for the rule, which the node puts back when it looks after its tables.
  await eventually('it is heard', async () => {
    await lab.inTask('weba', nft, 'flush chain ip tso early');
    await lab.toolIn('db', 'send', '127.0.0.5', '9998', 'let in');
    return heard.length > 1;
  });
  t.deepEqual([...new Set(heard.slice(1))], [`let in from ${tasks.db.networks[1]}`]);
  for (const side of ['daddr', 'saddr']) await lab.inTask('weba', nft, `add rule ip tso early iifname != "lo" ip ${side} 127.0.0.0/8 drop`);
  await lab.inTask('db', 'ip', 'route', 'delete', ...way);
  await lab.inTask('db', 'ip', 'route', 'add', 'local', '127.0.0.0/8', 'dev', 'lo', 'table', 'local', 'src', '127.0.0.1');
});

test.serial('one task more or less among 200 ports of 50 tasks each touches one chain', async (t) => {
  const ports = Array.from({ length: 200 }, (_, port) => ({
    ...webPort({ published: 20_000 + port }, [], { serviceId: `many${port}`, serviceName: `many${port}` }),
    backends: Array.from({ length: 50 }, (_task, index) => ({
      taskId: `task${port}x${index}`,
      nodeId: 'elsewhere',
      address: `10.${40 + (port >> 7)}.${(port & 127) + 1}.${index + 2}`,
      address6: '',
    })),
  }));
  const node = lab.daemon('c');
  await node.call('setIngress', ports);
  t.log(`all 200: ${node.lastMs.toFixed(0)} ms`);
  const seenOf = await lab.watchRules('c');
  /** What the kernel says of a change of one task of that port, once it has also said what came after. */
  const touched = async (index: number, round: number) => {
    const fewer = ports.map((port, number) => (number === index ? { ...port, backends: port.backends.slice(round) } : port));
    await node.call('setIngress', fewer);
    const { lastMs } = node;
    const lines = await seenOf();
    return { lastMs, lines };
  };
  const rounds = [];
  for (const round of [1, 2, 3, 4, 5]) rounds.push(await touched(7, round));
  t.log(`one endpoint: ${rounds.map(({ lastMs }) => lastMs.toFixed(0)).join(' ')} ms`);
  for (const { lines } of rounds) {
    t.true(lines.length > 0);
    for (const line of lines) t.regex(line, /^(add|delete) rule inet tso\S* in-many7-tcp |__(map|set)\d+|^# new generation/);
  }
});

test.serial('a range of a thousand ports is quick, held, and given back', async (t) => {
  const ports = Array.from({ length: 1000 }, (_, index) => webPort({ published: 30_000 + index, target: 7000 }));
  const node = lab.daemon('c');
  const fewer = ports.slice(0, 100);
  const without = (some: typeof ports) => some.map((port) => ({ ...port, backends: port.backends.slice(1) }));
  await node.call('setIngress', fewer);
  await node.call('setIngress', without(fewer));
  const fewerMs = node.lastMs;
  await node.call('setIngress', ports);
  t.log(`1,000 ports: ${node.lastMs.toFixed(0)} ms`);
  t.regex(answer(await lab.toolOutside('ask', lab.address('c'), '30777')), /^web[ab] /);
  t.regex((await lab.toolOn('c', 'hold', '0.0.0.0', '30777')).stderr, /EADDRINUSE/);
  await node.call('setIngress', without(ports));
  t.log(`one endpoint of all of them: ${node.lastMs.toFixed(0)} ms, of a hundred: ${fewerMs.toFixed(0)} ms`);
  // Ten times as long, and whoever went through all of them for each a hundred times.
  t.true(node.lastMs < fewerMs * 40, `${node.lastMs} ms instead of ${fewerMs} ms`);
  await node.call('setIngress', []);
  const free = await lab.spawnOn('c', 'hold', '0.0.0.0', '30777');
  await lab.end(free);
});
