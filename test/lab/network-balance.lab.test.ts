import type { ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout } from 'node:timers/promises';
import { type Endpoint, EndpointMode, emptyAllocation, type NetworkAssignment, type ServiceOnNetwork } from '@tso/proto';
import test from 'ava';
import { eventually } from './support/eventually.ts';
import { addresses, answer, labNetworks, NetworkLab, nft } from './support/network-lab.ts';
import { CallFailure, labEndpoint, labNetwork, labPlan, macOf } from './support/networks-daemon.ts';

// Virtual addresses in the namespaces of clients, IPv6, forged senders, networks that are shared, and what is left after many tasks.

const vip = '10.32.1.100';
const vip6 = 'fd00:5::100';
/** After so long without a word of a datagram there will be none. */
const silenceMs = 30_000;

const service = (serviceId: string, change: Partial<ServiceOnNetwork> = {}): ServiceOnNetwork => ({
  serviceId,
  name: serviceId,
  stack: 'lab',
  mode: EndpointMode.VIP,
  vip,
  vip6: '',
  names: [serviceId],
  affinity: false,
  ports: [],
  ...change,
});

const backend = (taskId: 'weba' | 'webb', serving = true): Endpoint =>
  labEndpoint(taskId, 'web', addresses[taskId], { serviceId: 'web', serving });

/** Network 1 with the service web; who serves of it. */
const withWeb = (
  serving: { readonly weba?: boolean; readonly webb?: boolean } = {},
  change: Partial<ServiceOnNetwork> = {},
): NetworkAssignment => ({
  ...labNetwork(1),
  services: [service('web', change)],
  endpoints: [backend('weba', serving.weba), backend('webb', serving.webb), labEndpoint('db', 'db', addresses.db, { serviceId: 'db' })],
});

const six = (taskId: string, host: number, serving = true): Endpoint =>
  labEndpoint(taskId, 'six', `10.32.5.${host}`, { serviceId: 'six', address6: `fd00:5::${host}`, serving });

const withSix = (...serving: readonly string[]): NetworkAssignment => ({
  ...labNetwork(5),
  subnet6: 'fd00:5::/64',
  gateway6: 'fd00:5::1',
  services: [service('six', { vip: '10.32.5.100', vip6 })],
  endpoints: [six('sixa', 3, serving.includes('sixa')), six('sixb', 4, serving.includes('sixb')), six('ask', 5, false)],
});

const sixPlan = (taskId: string, host: number) => ({
  ...labPlan(taskId, {}),
  attachments: [
    {
      ...emptyAllocation,
      networkId: 'network-5',
      address: `10.32.5.${host}`,
      mac: macOf(`10.32.5.${host}`),
      address6: `fd00:5::${host}`,
    },
  ],
});

const lab = await NetworkLab.create();
const others = labNetworks().slice(1);
const setAll = (web = withWeb(), ...more: readonly NetworkAssignment[]): Promise<unknown> =>
  lab.call('setNetworks', [web, ...others, ...more]);
test.before(() => setAll());
test.after.always(() => lab.destroy());

/** Who answered, sorted, each once. */
const answering = (text: string): readonly string[] => [...new Set(text.split('\n').map((line) => line.split(' ')[0] ?? ''))].toSorted();

const namespaceOf = (taskId: string): string => join(lab.host.runDir, 'netns', taskId);

/** A client that sends all its datagrams from one port; `next` sends one and says what came of it. */
const flow = async (taskId: string, address: string): Promise<{ readonly child: ChildProcess; readonly next: () => Promise<string> }> => {
  const child = lab.startIn(taskId, 'flow', address, '7000');
  if (child.stdout === null) throw new Error('the flow has no output');
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  await lines.next();
  return {
    child,
    next: async () => {
      child.stdin?.write('?\n');
      const line = lines.next().then(({ value }) => String(value));
      const silence = new AbortController();
      const nothing = setTimeout(silenceMs, 'nothing', { signal: silence.signal }).catch(() => 'nothing');
      return Promise.race([line, nothing]).finally(() => silence.abort());
    },
  };
};

test.serial('a virtual address is answered by every task that serves, by TCP and UDP, and each sees the client', async (t) => {
  for (const protocol of ['tcp', 'udp']) {
    const said = answer(await lab.toolIn('db', 'ask', vip, '7000', protocol, '24'));
    t.deepEqual(answering(said), ['weba', 'webb'], protocol);
    for (const line of said.split('\n')) t.is(line.split(' ')[1], addresses.db);
  }
  t.is((await lab.inTask('db', 'busybox', 'ping', '-c', '1', '-W', '10', vip)).code, 0);
});

test.serial('a task that asks the address of its own service may be given itself', async (t) => {
  await lab.call('setMembers', withWeb({ webb: false }));
  for (const protocol of ['tcp', 'udp'])
    t.is(answer(await lab.toolIn('weba', 'ask', vip, '7000', protocol)), `weba ${addresses.weba}`, protocol);
  await lab.call('setMembers', withWeb());
});

test.serial('a task that stops serving gets nothing new, keeps its connections, and its UDP flows go to another', async (t) => {
  await lab.call('setMembers', withWeb({ webb: false }));
  const chat = lab.chat('db', vip, 7000);
  const next = async (line?: string): Promise<string> => {
    if (line !== undefined) chat.stdin?.write(line);
    return new Promise((resolve) => chat.stdout?.once('data', (chunk: Buffer) => resolve(chunk.toString().trim())));
  };
  t.is(await next(), `weba ${addresses.db}`);
  const { child, next: datagram } = await flow('db', vip);
  t.is(await datagram(), `weba ${addresses.db}`);
  t.is(await datagram(), `weba ${addresses.db}`);
  await lab.call('setMembers', withWeb({ weba: false }));
  t.deepEqual(answering(answer(await lab.toolIn('db', 'ask', vip, '7000', 'tcp', '10'))), ['webb']);
  t.is(await next('still\n'), `weba ${addresses.db}`);
  // The datagram that meets the change is lost: the kernel says so to who sent it.
  t.regex(await datagram(), /^lost .*EPERM/);
  t.is(await datagram(), `webb ${addresses.db}`);
  t.is(await datagram(), `webb ${addresses.db}`);
  await lab.call('setMembers', withWeb({ webb: false }));
  t.regex(await datagram(), /^lost .*EPERM/);
  t.is(await datagram(), `weba ${addresses.db}`);
  await lab.call('setMembers', withWeb());
  await lab.end(chat, child);
});

test.serial('without a task that serves a virtual address refuses at once, and the way back needs nothing but the word', async (t) => {
  await lab.call('setMembers', withWeb({ weba: false, webb: false }));
  // Whoever gets no answer says so too, after its patience: a refusal is the kernel's own word.
  t.regex(answer(await lab.toolIn('db', 'ask', vip, '7000')), /ECONNREFUSED/);
  t.regex(answer(await lab.toolIn('db', 'ask', vip, '7000', 'udp')), /ECONNREFUSED/);
  await lab.call('setMembers', withWeb());
  t.regex(answer(await lab.toolIn('db', 'ask', vip, '7000')), /^web[ab] /);
});

test.serial('with affinity a client stays with its task while that serves', async (t) => {
  await lab.call('setMembers', withWeb({}, { affinity: true }));
  const [chosen = ''] = answering(answer(await lab.toolIn('db', 'ask', vip, '7000', 'tcp', '12')));
  t.deepEqual(answering(answer(await lab.toolIn('db', 'ask', vip, '7000', 'udp', '12'))), [chosen]);
  const other = chosen === 'weba' ? 'webb' : 'weba';
  await lab.call('setMembers', withWeb({ [chosen]: false }, { affinity: true }));
  t.deepEqual(answering(answer(await lab.toolIn('db', 'ask', vip, '7000', 'tcp', '6'))), [other]);
  await lab.call('setMembers', withWeb({}, { affinity: true }));
  t.deepEqual(answering(answer(await lab.toolIn('db', 'ask', vip, '7000', 'tcp', '6'))), [other]);
  await lab.call('setMembers', withWeb());
});

test.serial('a change touches the namespaces on that network only, and there one chain', async (t) => {
  const handles = async (taskId: string): Promise<string> => (await lab.inTask(taskId, nft, '-a', 'list', 'table', 'ip', 'tso')).stdout;
  const [lone, db] = await Promise.all([handles('lone'), handles('db')]);
  await lab.call('setMembers', withWeb({ webb: false }));
  const took = lab.lastMs;
  t.is(await handles('lone'), lone);
  const changed = (await handles('db')).split('\n').filter((line) => line.includes('# handle') && !db.includes(line));
  t.deepEqual(
    changed.map((line) => line.trim().replace(/ # handle \d+/, '')),
    [`dnat to ${addresses.weba}`],
  );
  await lab.call('setMembers', withWeb());
  t.log(`one endpoint less in three namespaces: ${took.toFixed(1)} ms`);
});

test.serial('an agent that begins finds the maps as they were left, and sets right what differs', async (t) => {
  await lab.inTask('db', nft, 'flush', 'chain', 'ip', 'tso', `s_${(4097).toString(36)}_web`);
  await lab.restart();
  await setAll();
  t.deepEqual(answering(answer(await lab.toolIn('db', 'ask', vip, '7000', 'tcp', '16'))), ['weba', 'webb']);
});

test.serial('IPv6: addresses are usable at once, virtual ones are balanced, and the gateway is the way out', async (t) => {
  await setAll(withWeb(), withSix('sixa', 'sixb'));
  for (const [taskId, host] of [
    ['sixa', 3],
    ['sixb', 4],
    ['ask', 5],
  ] as const)
    await lab.call('attach', sixPlan(taskId, host));
  for (const taskId of ['sixa', 'sixb']) await lab.serve(taskId, 7000);
  t.is(answer(await lab.toolIn('ask', 'ask', 'fd00:5::3', '7000')), 'sixa fd00:5::5');
  for (const protocol of ['tcp', 'udp']) {
    t.deepEqual(answering(answer(await lab.toolIn('ask', 'ask', vip6, '7000', protocol, '20'))), ['sixa', 'sixb'], protocol);
    t.deepEqual(answering(answer(await lab.toolIn('ask', 'ask', '10.32.5.100', '7000', protocol, '20'))), ['sixa', 'sixb'], protocol);
  }
  t.is((await lab.inTask('ask', 'busybox', 'ping', '-6', '-c', '1', '-W', '10', 'fd00:5::1')).code, 0);
  t.regex((await lab.inTask('ask', 'ip', '-6', 'route')).stdout, /default via fd00:5::1 dev eth0/);
  const { child, next } = await flow('ask', vip6);
  const first = await next();
  const left = first.startsWith('sixa') ? 'sixb' : 'sixa';
  await lab.call('setMembers', withSix(left));
  t.regex(await next(), /^lost .*EPERM/);
  t.is(await next(), `${left} fd00:5::5`);
  await lab.call('setMembers', withSix());
  t.regex(answer(await lab.toolIn('ask', 'ask', vip6, '7000')), /ECONNREFUSED/);
  await lab.end(child);
});

test.serial('what a task says in the name of another is dropped at its port: addresses, ARP, neighbour advertisements', async (t) => {
  await lab.inTask('ask', 'ip', 'address', 'add', 'fd00:5::77/64', 'dev', 'eth0', 'nodad');
  t.regex(answer(await lab.toolIn('ask', 'ask', 'fd00:5::3', '7000', 'tcp', '1', 'fd00:5::77')), /no answer in time/);
  // To take on the address of another and to say so to all who know it is what the kernel does with these settings when a device comes up.
  const victim = async (six: boolean): Promise<string> => {
    await lab.toolIn('sixb', 'ask', six ? 'fd00:5::3' : '10.32.5.3', '7000');
    return (await lab.inTask('sixb', 'ip', 'neigh', 'show', six ? 'fd00:5::3' : '10.32.5.3')).stdout;
  };
  const own = macOf('10.32.5.3');
  t.true((await victim(false)).includes(own));
  t.true((await victim(true)).includes(own));
  const claim = async (): Promise<void> => {
    for (const setting of ['ipv4/conf/eth0/arp_notify', 'ipv6/conf/eth0/ndisc_notify']) {
      await lab.inTask('ask', 'sysctl', '-q', '-w', `net.${setting.replaceAll('/', '.')}=1`);
    }
    await lab.inTask('ask', 'ip', 'address', 'replace', '10.32.5.3/24', 'dev', 'eth0');
    await lab.inTask('ask', 'ip', 'address', 'replace', 'fd00:5::3/64', 'dev', 'eth0', 'nodad');
    await lab.inTask('ask', 'ip', 'link', 'set', 'eth0', 'down');
    await lab.inTask('ask', 'ip', 'link', 'set', 'eth0', 'up');
  };
  const seen = async (): Promise<string> => (await lab.inTask('sixb', 'ip', 'neigh', 'show')).stdout;
  await claim();
  const believed = async (): Promise<boolean> => {
    const entries = (await seen()).split('\n').filter((line) => /^(10\.32\.5\.3|fd00:5::3) /.test(line));
    return entries.some((line) => line.includes(macOf('10.32.5.5')));
  };
  t.false(await believed(), await seen());
  await lab.inTask('ask', nft, 'delete', 'table', 'netdev', 'tso');
  await claim();
  await eventually('without the guard the claim is believed', async () => ((await believed()) ? true : undefined));
  for (const taskId of ['ask', 'sixa', 'sixb']) await lab.call('detach', taskId);
  await setAll();
  t.pass();
});

test.serial('what somebody took from a namespace is put back', async (t) => {
  const take = async (...args: string[]): Promise<void> => {
    const [program = '', ...rest] = args;
    t.is((await lab.inTask('db', program, ...rest)).code, 0, args.join(' '));
  };
  await take('ip', 'route', 'delete', 'default', 'dev', 'eth0');
  await take('ip', 'rule', 'delete', 'pref', '90');
  await take(nft, 'delete', 'table', 'netdev', 'tso');
  await take('sysctl', '-q', '-w', 'net.ipv4.conf.all.route_localnet=0');
  const sound = async (): Promise<boolean> => {
    const parts = await Promise.all([
      lab.inTask('db', 'ip', 'route', 'show', 'default'),
      lab.inTask('db', 'ip', 'rule'),
      lab.inTask('db', nft, 'list', 'tables'),
      lab.inTask('db', 'cat', '/proc/sys/net/ipv4/conf/all/route_localnet'),
    ]);
    const [route = '', rule = '', tables = '', localnet = ''] = parts.map(({ stdout }) => stdout);
    return route.includes('10.32.1.1') && rule.includes('fwmark') && tables.includes('netdev tso') && localnet.trim() === '1';
  };
  t.log(`put back after ${((await lab.untilMended('all of it is there again', sound)) / 1_000).toFixed(1)} s`);
  await take('ip', 'link', 'delete', 'eth0');
  await lab.untilMended('the interface is there again', async () => answer(await lab.toolIn('db', 'ask', vip, '7000')).startsWith('web'));
  t.pass();
});

test.serial('a task in the network of another keeps it until it ends itself, also over a restart', async (t) => {
  const guest = { ...labPlan('guest', {}), networkOf: 'owner' };
  const early = await t.throwsAsync(lab.call('attach', guest), { instanceOf: CallFailure });
  t.is(early.code, 'FAILED_PRECONDITION');
  await lab.call('attach', labPlan('owner', { 1: '10.32.1.90' }));
  t.is(await lab.call('attach', guest), namespaceOf('owner'));
  const server = await lab.serve('owner', 7000);
  await lab.call('detach', 'owner');
  t.is(answer(await lab.toolIn('db', 'ask', '10.32.1.90', '7000')), `owner ${addresses.db}`);
  await lab.restart('guest');
  await setAll();
  t.is(answer(await lab.toolIn('owner', 'ask', vip, '7000')).split(' ')[1], '10.32.1.90');
  const late = await t.throwsAsync(lab.call('attach', { ...guest, taskId: 'another' }), { instanceOf: CallFailure });
  t.is(late.code, 'FAILED_PRECONDITION');
  await lab.end(server);
  await lab.call('detach', 'guest');
  t.deepEqual(
    (await lab.host.run('ls', [join(lab.host.runDir, 'netns')])).split('\n').filter((name) => /owner|guest/.test(name)),
    [],
  );
});

test.serial('a thousand tasks that came and went left nothing', async (t) => {
  const before = await lab.inventory();
  const attach: number[] = [];
  const lanes = Array.from({ length: 4 }, async (_, lane) => {
    for (let round = 0; round < 250; round += 1) {
      const taskId = `cycle${lane}x${round}`;
      const address = `10.32.1.${110 + lane * 30 + (round % 30)}`;
      await lab.call('attach', labPlan(taskId, { 1: address }));
      attach.push(lab.lastMs);
      await lab.call('detach', taskId);
    }
  });
  await Promise.all(lanes);
  t.is(attach.length, 1_000);
  t.is(
    await eventually('nothing is left', async () => ((await lab.inventory()) === before ? 'nothing' : undefined)).catch(() =>
      lab.inventory(),
    ),
    'nothing',
  );
});

test.serial('attaching one task to one network', async (t) => {
  const times: number[] = [];
  for (let round = 0; round < 21; round += 1) {
    await lab.call('attach', labPlan(`quick${round}`, { 1: `10.32.1.${round + 110}` }));
    times.push(lab.lastMs);
  }
  for (let round = 0; round < 21; round += 1) await lab.call('detach', `quick${round}`);
  const sorted = times.toSorted((a, b) => a - b);
  t.log(`${sorted[10]?.toFixed(1)} ms at the median, ${sorted[0]?.toFixed(1)} ms at best`);
  t.pass();
});

test.serial('in the end the host is as it was', async (t) => {
  await lab.endAll();
  await lab.call('publish', []);
  for (const taskId of Object.keys(addresses)) await lab.call('detach', taskId);
  await lab.call('setNetworks', []);
  await lab.stop();
  t.is(
    await eventually('nothing is left', async () => ((await lab.inventory()) === lab.beginning ? 'nothing' : undefined)).catch(() =>
      lab.inventory(),
    ),
    'nothing',
  );
});
