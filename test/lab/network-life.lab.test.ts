import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import test from 'ava';
import { eventually } from './support/eventually.ts';
import { addresses, answer, labNetworks, NetworkLab, nft, plans, settings, upstreamAddress, webPorts } from './support/network-lab.ts';
import { CallFailure, labEndpoint, labNetwork, labPlan, labPort, macOf, NetworksDaemon } from './support/networks-daemon.ts';

// Coming and going: tasks, networks, daemons, crashes; in the end nothing is left.

const lab = await NetworkLab.create();
test.before(() => lab.call('publish', webPorts()));
test.after.always(() => lab.destroy());

test.serial('sysctls of the net tree are set inside, and a wrong one is told', async (t) => {
  await lab.call('attach', labPlan('tuned', { 1: '10.32.1.50' }, { 'net.core.somaxconn': '777' }));
  t.is((await lab.inTask('tuned', 'cat', '/proc/sys/net/core/somaxconn')).stdout.trim(), '777');
  t.is((await lab.inTask('tuned', 'cat', '/proc/sys/net/ipv4/ip_unprivileged_port_start')).stdout.trim(), '0');
  await lab.call('detach', 'tuned');
  const error = await t.throwsAsync(lab.call('attach', labPlan('tuned', { 1: '10.32.1.50' }, { 'net.core.nosuch': '1' })), {
    instanceOf: CallFailure,
  });
  t.is(error.code, 'INVALID_ARGUMENT');
  t.regex(error.message, /net\.core\.nosuch/);
  t.not((await lab.host.exec('ls', [`${lab.host.runDir}/netns/tuned`])).code, 0);
});

test.serial('a task on two networks is reached by both and published on either', async (t) => {
  await lab.call('attach', labPlan('both', { 1: '10.32.1.60', 2: '10.32.2.60' }));
  await lab.serve('both', 7000);
  t.is(answer(await lab.toolIn('db', 'ask', '10.32.1.60', '7000')), `both ${addresses.db}`);
  t.is(answer(await lab.toolIn('lone', 'ask', '10.32.2.60', '7000')), `both ${addresses.lone}`);
  for (const address of ['10.32.1.60', '10.32.2.60']) {
    await lab.call('publish', webPorts(true, [labPort('both', 'both', address, { published: 8084, target: 7000 })]));
    t.is(answer(await lab.toolOutside('ask', lab.host.address, '8084')), `both ${lab.host.clientAddress}`, address);
  }
  await lab.call('publish', webPorts());
});

test.serial('a task without networks has a loopback and nothing else', async (t) => {
  await lab.call('attach', labPlan('hermit', {}));
  const links = JSON.parse((await lab.inTask('hermit', 'ip', '-json', 'address')).stdout) as { ifname: string; flags: string[] }[];
  t.deepEqual(
    links.map((link) => link.ifname),
    ['lo'],
  );
  t.true(links[0]?.flags.includes('UP'));
  await lab.call('detach', 'hermit');
});

test.serial('the same address can be attached again at once', async (t) => {
  for (let round = 0; round < 3; round++) {
    await lab.call('attach', labPlan(`again${round}`, { 1: '10.32.1.70' }));
    await lab.call('detach', `again${round}`);
  }
  t.pass();
});

test.serial('two daemons on one host do not disturb one another', async (t) => {
  const otherRun = join(lab.host.folder, 'run2');
  const other = await NetworksDaemon.start(lab.host, otherRun, lab.resolvConf);
  await other.call('configure', { ...settings, clusterId: 'other', addressPool: '10.48.0.0/12' });
  // The same VNI: with one host each it does not matter.
  await other.call('setNetworks', [
    labNetwork(1, { subnet: '10.48.1.0/24', gateway: '10.48.1.1', endpoints: [labEndpoint('far', 'far', '10.48.1.3')] }),
  ]);
  const plan = { ...labPlan('far', { 1: '10.48.1.3' }) };
  await other.call('attach', plan);
  const inFar = (...args: string[]) => lab.toolAt(`${otherRun}/netns/far`, ...args);
  const far = await lab.serveAt(`${otherRun}/netns/far`, 'far', 7000);
  const error = await t.throwsAsync(other.call('reserve', [labPort('far', 'far', '10.48.1.3', { published: 8080, target: 7000 })]), {
    instanceOf: CallFailure,
  });
  t.is(error.code, 'CONFLICT');
  await other.call('publish', [labPort('far', 'far', '10.48.1.3', { published: 8085, target: 7000 })]);
  t.is(answer(await lab.toolOutside('ask', lab.host.address, '8085')), `far ${lab.host.clientAddress}`);
  t.regex(answer(await lab.toolIn('weba', 'ask', lab.host.address, '8085')), /^far /);
  t.regex(answer(await lab.toolIn('weba', 'ask', '10.48.1.3', '7000')), /failed/);
  t.regex(answer(await inFar('ask', addresses.weba, '7000')), /failed/);
  t.regex(answer(await inFar('ask', lab.host.address, '8080')), /^web[ab] /);
  await lab.end(far);
  await other.call('publish', []);
  await other.call('detach', 'far');
  await other.call('setNetworks', []);
  await other.stop();
  t.regex(answer(await lab.toolOutside('ask', lab.host.address, '8080')), /^web[ab] /);
  t.deepEqual((await lab.dns('db', 'db')).addresses, [addresses.db]);
});

test.serial('a crash and a restart keep connections, names, ports and namespaces', async (t) => {
  const chat = lab.chat('db', addresses.weba, 7000);
  const outside = lab.chat(undefined, '127.0.0.1', 8080);
  const next = async (child: ChildProcess, line?: string): Promise<string> => {
    if (line !== undefined) child.stdin?.write(line);
    const [chunk] = child.stdout === null ? [] : await once(child.stdout, 'data');
    return String(chunk).trim();
  };
  t.is(await next(chat), `weba ${addresses.db}`);
  t.regex(await next(outside), /^web[ab] /);
  await lab.crash();
  t.is(await next(chat, 'during\n'), `weba ${addresses.db}`);
  t.regex(answer(await lab.toolOutside('ask', lab.host.address, '8080')), /^web[ab] /);
  await lab.restart('both');
  const path = await lab.call('attach', plans[0]);
  t.is(path, `${lab.host.runDir}/netns/weba`);
  t.is(await next(chat, 'after\n'), `weba ${addresses.db}`);
  t.regex(await next(outside, 'after\n'), /^web[ab] /);
  t.deepEqual((await lab.dns('db', 'db')).addresses, [addresses.db]);
  await lab.end(chat, outside);
});

test.serial('what someone deletes by hand is back within ten seconds, each thing, and the rest is left alone', async (t) => {
  const { host } = lab;
  const remote = labEndpoint('remote', 'db', '10.32.1.200', { nodeId: 'node-b', vtep: '10.77.0.2' });
  const hosts = [{ nodeId: 'node-a', address: '10.32.7.250', address6: '', vtep: '' }];
  const [first, ...others] = labNetworks();
  const wish = [{ ...first, endpoints: [...(first?.endpoints ?? []), remote] }, ...others, labNetwork(7, { ingress: true, hosts })];
  await lab.call('setNetworks', wish);
  const links = JSON.parse(await host.run('ip', ['-json', 'link'])) as { ifname: string }[];
  const named = (pattern: RegExp): string => links.find(({ ifname }) => pattern.test(ifname))?.ifname ?? '';
  const [vxlan, gateway, second, own] = [named(/^tsox.{6}35t$/), named(/^tsog.{6}35t$/), named(/^tsog.{6}35u$/), named(/^tsoh.{6}35z$/)];
  const pool = (await host.run('ip', ['route', 'show', 'type', 'unreachable'])).trim();
  t.regex(pool, /^unreachable 10\.32\.0\.0\/12 /);
  // Of somebody else, and like ours.
  await host.run('ip', ['link', 'add', 'tsox9', 'type', 'vxlan', 'id', '77', 'dstport', '4999']);
  await host.run('ip', ['route', 'add', 'unreachable', '10.200.0.0/16', 'metric', '7']);
  const seen = async (): Promise<Readonly<Record<string, string>>> => ({
    devices: (await host.run('ip', ['-brief', 'link'])).replace(/ +\S+ +\S+ +<.*$/gm, '').replace(/@\S+/g, ''),
    addresses: (await host.run('ip', ['-brief', '-4', 'address'])).replace(/@\S+/g, ''),
    routes: await host.run('ip', ['route']),
    neighbours: await host.run('ip', ['neigh', 'show', 'nud', 'permanent']),
    forwards: (await host.run('bridge', ['fdb', 'show']))
      .split('\n')
      .filter((line) => line.includes(' dst '))
      .join('\n'),
    rules: await host.run(nft, ['list', 'ruleset']),
    settings: await host.run('sysctl', [
      'net.ipv4.ip_forward',
      `net.ipv4.conf.${gateway}.route_localnet`,
      `net.ipv4.conf.${own}.rp_filter`,
      `net.ipv4.conf.${own}.arp_ignore`,
    ]),
  });
  const sorted = (text: string | undefined): string => (text ?? '').split('\n').toSorted().join('\n');
  const before = await seen();
  const isBack = async (): Promise<boolean> => {
    const now = await seen();
    const differing = Object.keys(before).filter((key) => sorted(now[key]) !== sorted(before[key]));
    if (differing.length > 0) throw new Error(differing.map((key) => `${key}: ${now[key]}`).join('\n'));
    return true;
  };
  const deletions: Readonly<Record<string, readonly (readonly [program: string, ...args: string[]])[]>> = {
    'entries, an address, the claim of the pool and settings': [
      ['ip', 'neigh', 'delete', '10.32.1.200', 'dev', vxlan],
      ['bridge', 'fdb', 'delete', macOf('10.32.1.200'), 'dev', vxlan, 'dst', '10.77.0.2', 'self'],
      ['ip', 'address', 'delete', '10.32.1.1/24', 'dev', gateway],
      ['ip', 'route', 'delete', ...pool.split(' ')],
      ['sysctl', '-q', '-w', 'net.ipv4.ip_forward=0', `net.ipv4.conf.${gateway}.route_localnet=0`, `net.ipv4.conf.${own}.rp_filter=1`],
    ],
    'a gateway, the device with the own address and the rules': [
      ['ip', 'link', 'delete', second],
      ['ip', 'link', 'delete', own],
      [nft, 'delete', 'table', 'inet', await lab.table()],
    ],
    'one forwarding entry alone': [['bridge', 'fdb', 'delete', macOf('10.32.1.200'), 'dev', vxlan, 'dst', '10.77.0.2', 'self']],
    'a VXLAN device with all that is on it': [['ip', 'link', 'delete', vxlan]],
  };
  for (const [what, commands] of Object.entries(deletions)) {
    for (const [program, ...args] of commands) await host.run(program, args);
    const ms = await lab.untilMended(`${what}: back`, isBack);
    t.log(`${what}: back after ${(ms / 1_000).toFixed(1)} s`);
  }
  // What is on a device that came back is put there after it.
  const reached = async (): Promise<string> =>
    [await lab.toolIn('weba', 'ask', addresses.db, '7000'), await lab.toolIn('db', 'ask', '10.32.1.60', '7000')].map(answer).join('\n');
  await lab.untilMended('tasks reach each other', async () => {
    const said = await reached();
    if (said !== `db ${addresses.weba}\nboth ${addresses.db}`) throw new Error(said);
    return true;
  });
  t.deepEqual((await lab.dns('db', 'tasks.web')).addresses.toSorted(), [addresses.weba, addresses.webb]);
  t.regex(answer(await lab.toolOutside('ask', lab.host.address, '8080')), /^web[ab] /);
  await host.run('ip', ['link', 'delete', 'tsox9']);
  await host.run('ip', ['route', 'delete', 'unreachable', '10.200.0.0/16', 'metric', '7']);
  await lab.call('setNetworks', labNetworks());
});

test.serial('port 53 taken on a gateway is told with its holder, and tried again', async (t) => {
  await lab.host.run('sysctl', ['-q', '-w', 'net.ipv4.ip_nonlocal_bind=1']);
  const squatter = await lab.onHost('resolver', '10.32.9.1', upstreamAddress);
  const wish = [...labNetworks(), labNetwork(9)];
  const error = await t.throwsAsync(lab.call('setNetworks', wish), { instanceOf: CallFailure });
  t.regex(error.message, /names cannot be answered on 10\.32\.9\.1: port 53\/udp is taken by node \(pid \d+\)/);
  const attached = await t.throwsAsync(lab.call('attach', labPlan('late', { 9: '10.32.9.3' })), { instanceOf: CallFailure });
  t.is(attached.message, error.message);
  t.is(answer(await lab.toolIn('weba', 'ask', addresses.db, '7000')), `db ${addresses.weba}`);
  await lab.end(squatter);
  await lab.call('attach', labPlan('late', { 9: '10.32.9.3' }));
  await lab.call('detach', 'late');
  await lab.call('setNetworks', labNetworks());
});

test.serial('a network that would take addresses of the host is refused, the others stay', async (t) => {
  const wish = [...labNetworks(), labNetwork(9, { subnet: '10.77.0.0/16', gateway: '10.77.9.1' })];
  const error = await t.throwsAsync(lab.call('setNetworks', wish), { instanceOf: CallFailure });
  t.regex(error.message, /subnet 10\.77\.0\.0\/16 of network net9 overlaps 10\.77\.0\.1\/24, which the device eth0 of this host has/);
  t.is(answer(await lab.toolIn('weba', 'ask', addresses.db, '7000')), `db ${addresses.weba}`);
  t.regex(answer(await lab.toolOutside('ask', lab.host.address, '8080')), /^web[ab] /);
  await lab.call('setNetworks', labNetworks());
});

test.serial("a task's own resolvers are asked for names that are not ours, also after a restart", async (t) => {
  const plan = labPlan('picky', { 1: '10.32.1.82' });
  await lab.onHost('resolver', lab.host.address, '203.0.113.54');
  const text = await lab.call('resolvConf', plan, { servers: [lab.host.address], search: [], options: [] });
  t.is(text, 'nameserver 127.0.0.11\nsearch example.test\noptions ndots:0\n');
  await lab.call('attach', plan);
  t.deepEqual((await lab.dns('picky', 'www.example.com')).addresses, ['203.0.113.54']);
  t.deepEqual((await lab.dns('picky', 'db')).addresses, [addresses.db]);
  await lab.restart('both', 'picky');
  t.deepEqual((await lab.dns('picky', 'www.example.com')).addresses, ['203.0.113.54']);
  t.deepEqual((await lab.dns('weba', 'www.example.com')).addresses, [upstreamAddress]);
  await lab.call('detach', 'picky');
});

test.serial('a network goes with its last task when it is no longer wished', async (t) => {
  await lab.call('setNetworks', [...labNetworks(), labNetwork(8)]);
  await lab.call('attach', labPlan('last', { 8: '10.32.8.3' }));
  await lab.call('setNetworks', labNetworks());
  const links = () => lab.host.run('ip', ['-brief', 'link']);
  t.regex(await links(), /tsox\w{6}360 /);
  await lab.call('detach', 'last');
  t.notRegex(await links(), /tsox\w{6}360 /);
});

test.serial('endpoints on other hosts have their neighbour and forwarding entries', async (t) => {
  const remote = labEndpoint('remote', 'db', '10.32.1.200', { nodeId: 'node-b', vtep: '10.77.0.2' });
  await lab.call('setMembers', { ...labNetworks()[0], endpoints: [...(labNetworks()[0]?.endpoints ?? []), remote] });
  const neighbours = await lab.host.run('ip', ['neigh', 'show', 'nud', 'permanent']);
  t.regex(neighbours, new RegExp(`10.32.1.200 dev tsox\\w+ lladdr ${macOf('10.32.1.200')} PERMANENT`));
  t.regex(await lab.host.run('bridge', ['fdb', 'show']), new RegExp(`${macOf('10.32.1.200')} dev tsox\\w+ dst 10.77.0.2 self permanent`));
  await lab.call('setMembers', labNetworks()[0]);
  t.is(await lab.host.run('ip', ['neigh', 'show', 'nud', 'permanent']), '');
});

test.serial('with 200 networks and 2,000 endpoints one endpoint more or less costs what it costs with one network', async (t) => {
  const network = (number: number, count: number) =>
    labNetwork(number, {
      endpoints: Array.from({ length: count }, (_, index) =>
        labEndpoint(`many${number}x${index}`, 'many', `10.32.${number}.${index + 10}`, {
          nodeId: `node-${index % 5}`,
          vtep: `10.77.0.${(index % 5) + 2}`,
        }),
      ),
    });
  const numbers = Array.from({ length: 200 }, (_, index) => index + 20);
  /** The median of 40 changes of these networks, in turn. */
  const costMs = async (changed: readonly number[]): Promise<number> => {
    const took: number[] = [];
    while (took.length < 40)
      for (const number of changed)
        for (const count of [11, 10]) {
          await lab.call('setMembers', network(number, count));
          took.push(lab.lastMs);
        }
    return took.toSorted((a, b) => a - b)[20] ?? Number.POSITIVE_INFINITY;
  };
  await lab.call('setNetworks', [...labNetworks(), network(20, 10)]);
  const oneMs = await costMs([20]);
  await lab.call('setNetworks', [...labNetworks(), ...numbers.map((number) => network(number, 10))]);
  const manyMs = await costMs(numbers.slice(0, 20));
  const device = (await lab.host.run('ip', ['neigh', 'show', '10.32.20.19'])).trim();
  t.regex(device, /dev tsox\S+ lladdr 02:42:0a:20:14:13 PERMANENT/);
  t.is((await lab.host.run('ip', ['neigh', 'show', '10.32.20.20'])).trim(), '', 'the eleventh is gone again');
  t.log(`median ${manyMs.toFixed(1)} ms, with one network ${oneMs.toFixed(1)} ms`);
  // Whoever went through all of them anew would take two hundred times as long.
  t.true(manyMs < oneMs * 10, `${manyMs} ms instead of ${oneMs} ms`);
  await lab.call('setNetworks', labNetworks());
});

test.serial('attaching and detaching are quick', async (t) => {
  const attach: number[] = [];
  const detach: number[] = [];
  for (let round = 0; round < 15; round++) {
    await lab.call('attach', labPlan(`quick${round}`, { 1: `10.32.1.${round + 100}` }));
    attach.push(lab.lastMs);
  }
  for (let round = 0; round < 15; round++) {
    await lab.call('detach', `quick${round}`);
    detach.push(lab.lastMs);
  }
  const median = (list: number[]) => list.toSorted((a, b) => a - b)[Math.floor(list.length / 2)]?.toFixed(1);
  t.log(`attach ${median(attach)} ms, detach ${median(detach)} ms at the median of 15`);
  t.pass();
});

test.serial('in the end the host is as it was', async (t) => {
  await lab.endAll();
  await lab.call('publish', []);
  for (const taskId of [...Object.keys(addresses), 'both']) await lab.call('detach', taskId);
  await lab.call('setNetworks', []);
  await lab.stop();
  t.is(
    await eventually('nothing is left', async () => ((await lab.inventory()) === lab.beginning ? 'nothing' : undefined)).catch(() =>
      lab.inventory(),
    ),
    'nothing',
  );
});
