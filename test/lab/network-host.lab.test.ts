import { once } from 'node:events';
import { join } from 'node:path';
import test from 'ava';
import { inNetwork, nft } from './hosts/wires.ts';
import { eventually } from './support/eventually.ts';
import { answer } from './support/network-lab.ts';
import { labNetwork, labPlan, labPort } from './support/networks-daemon.ts';
import { type NodeName, OverlayLab } from './support/overlay-lab.ts';

// What two hosts have of networks: IPv6, networks of one host and on a parent, sizes of packets, firewalls of others.

const lab = await OverlayLab.create(
  {
    1: { subnet6: 'fd00:1::/64', gateway6: 'fd00:1::1' },
    2: { subnet6: 'fd00:2::/64', gateway6: 'fd00:2::1' },
    3: { driver: 'bridge' },
    4: { driver: 'macvlan', driverOpts: { parent: 'lan0' }, subnet: '192.168.44.0/24', gateway: '192.168.44.1' },
    5: { driverOpts: { mtu: '1300' } },
    6: { internal: true, subnet6: 'fd00:6::/64', gateway6: 'fd00:6::1' },
  },
  {
    one: { node: 'a', networks: { 1: ['10.32.1.3', 'fd00:1::3'] } },
    two: { node: 'b', networks: { 1: ['10.32.1.4', 'fd00:1::4'] } },
    near: { node: 'a', networks: { 1: ['10.32.1.5', 'fd00:1::5'] } },
    other: { node: 'a', networks: { 2: ['10.32.2.3', 'fd00:2::3'] } },
    bridged: { node: 'a', networks: { 3: ['10.32.3.3'] } },
    beside: { node: 'a', networks: { 3: ['10.32.3.4'] } },
    apart: { node: 'b', networks: { 3: ['10.32.3.5'] } },
    lan: { node: 'a', networks: { 4: ['192.168.44.3'] } },
    lan2: { node: 'a', networks: { 4: ['192.168.44.4'] } },
    small: { node: 'a', networks: { 5: ['10.32.5.3'] } },
    small2: { node: 'b', networks: { 5: ['10.32.5.4'] } },
    vault: { node: 'a', networks: { 6: ['10.32.6.3', 'fd00:6::3'] } },
    vault2: { node: 'b', networks: { 6: ['10.32.6.4', 'fd00:6::4'] } },
  },
  // The strictest that others may have set, and a second wire that is no network of ours.
  async (host) => {
    await host.run('sysctl', ['-q', '-w', 'net.ipv4.conf.all.rp_filter=1', 'net.ipv4.conf.default.rp_filter=1']);
    await host.run('ip', ['link', 'add', 'lan0', 'type', 'veth', 'peer', 'name', 'lan1']);
    for (const device of ['lan0', 'lan1']) await host.run('ip', ['link', 'set', device, 'up']);
    await host.run('ip', ['address', 'add', '192.168.44.1/24', 'dev', 'lan1']);
  },
);
test.after.always(() => lab.destroy());

const ask = async (task: string, address: string, ...rest: string[]): Promise<string> =>
  answer(await lab.toolIn(task, 'ask', address, '7000', ...rest));

test.serial('tasks of a network reach each other by IPv6 too, on one host and across', async (t) => {
  t.is(await ask('one', 'fd00:1::4'), 'two fd00:1::3');
  t.is(await ask('two', 'fd00:1::3'), 'one fd00:1::4');
  t.is(await ask('one', 'fd00:1::5'), 'near fd00:1::3');
  t.is(await ask('one', '10.32.1.4'), 'two 10.32.1.3');
});

test.serial('the gateway has the same IPv6 address and MAC on both hosts, and no router is announced', async (t) => {
  const macs = new Set<string>();
  for (const task of ['one', 'two']) {
    t.regex(await ask(task, 'fd00:1::1'), /ECONNREFUSED/, 'the host says that nobody listens there');
    const neighbours = (await lab.inTask(task, 'ip', '-6', 'neigh', 'show', 'fd00:1::1')).stdout;
    macs.add(/lladdr (\S+)/.exec(neighbours)?.[1] ?? '');
    const routes = (await lab.inTask(task, 'ip', '-6', 'route')).stdout;
    t.notRegex(routes, /proto ra/);
    t.regex(routes, /default via fd00:1::1/);
  }
  t.deepEqual([...macs], ['02:42:0a:20:01:01']);
});

test.serial('by IPv6 too two networks do not reach each other, and an internal one has no way out', async (t) => {
  t.regex(await ask('one', 'fd00:2::3'), /failed/);
  t.regex(await ask('other', 'fd00:1::3'), /failed/);
  t.is(await ask('vault', 'fd00:6::4'), 'vault2 fd00:6::3');
  await lab.inTask('vault', 'ip', '-6', 'route', 'add', 'default', 'via', 'fd00:6::1');
  t.regex(await ask('vault', 'fd00:1::3'), /failed/);
  t.regex(await ask('vault', 'fd00:6::1'), /no answer/, 'the host answers nothing but names there');
  await lab.inTask('vault', 'ip', '-6', 'route', 'del', 'default');
});

test.serial('a task reaches the outside by IPv6 in the name of the host, which nobody outside can turn around', async (t) => {
  const { pin } = lab.lab.wires;
  await lab.host('a').run('ip', ['address', 'add', 'fd79::1/64', 'dev', 'eth0', 'nodad']);
  await inNetwork(pin, 'ip', ['address', 'add', 'fd79::fe/64', 'dev', 'switch', 'nodad']);
  await inNetwork(pin, 'ip', ['route', 'add', 'fd00:1::/64', 'via', 'fd79::1']);
  await lab.untilReady(
    lab.host('a').clientSpawn(process.execPath, [join(import.meta.dirname, 'support/net-tool.ts'), 'serve', 'outside', '7000']),
  );
  t.is(await ask('one', 'fd79::fe'), 'outside fd79::1');
  t.regex(answer(await lab.toolOutside('ask', 'fd00:1::3', '7000')), /failed/);
});

test.serial('a network of one host joins its tasks there, and nobody elsewhere', async (t) => {
  t.is(await ask('bridged', '10.32.3.4'), 'beside 10.32.3.3');
  t.regex(await ask('bridged', '10.32.3.5'), /failed/);
  t.regex(await ask('apart', '10.32.3.3'), /failed/);
  t.deepEqual(await namesOf('bridged', 'beside'), ['10.32.3.4']);
  t.is(await mtuOf('bridged'), 1500);
});

/** Of its first interface. */
const mtuOf = async (task: string): Promise<number> => {
  const [link] = JSON.parse((await lab.inTask(task, 'ip', '-json', 'link', 'show', 'dev', 'eth0')).stdout) as { readonly mtu: number }[];
  return link?.mtu ?? 0;
};

const namesOf = async (task: string, name: string): Promise<readonly string[]> => {
  const outcome = await lab.toolIn(task, 'dns', '127.0.0.11', name, 'A', 'udp', '0');
  if (outcome.code !== 0) throw new Error(outcome.stderr);
  return (JSON.parse(outcome.stdout) as { readonly addresses: readonly string[] }).addresses;
};

test.serial('tasks on a device of the host are in its network, and have names all the same', async (t) => {
  t.is(await ask('lan', '192.168.44.4'), 'lan2 192.168.44.3');
  t.regex(await ask('lan', '192.168.44.1'), /ECONNREFUSED/, 'the other end of the wire');
  t.deepEqual(await namesOf('lan', 'lan2'), ['192.168.44.4']);
  t.regex((await lab.inTask('lan', 'ip', 'route')).stdout, /default via 192\.168\.44\.1 dev eth0/);
});

test.serial('a parent that is not there, or down, is said, and the network comes when it does', async (t) => {
  const host = lab.host('a');
  const troubles = async (): Promise<string> => ((await lab.call('a', 'troubles')) as string[]).join('\n');
  await host.run('ip', ['link', 'set', 'lan0', 'down']);
  await eventually('the device that is down is told', async () =>
    (await troubles()).includes('the device lan0, parent of network net4, is down'),
  );
  await host.run('ip', ['link', 'set', 'lan0', 'up']);
  await eventually('it is well again', async () => !(await troubles()).includes('lan0'));
  t.is(await ask('lan', '192.168.44.4'), 'lan2 192.168.44.3');
});

/** Fragments that a host made: of what it sent by itself or wrapped. */
const fragments = async (node: NodeName): Promise<number> => {
  const [names = '', values = ''] = (await lab.host(node).run('grep', ['^Ip:', '/proc/net/snmp'])).split('\n');
  return Number(values.split(' ')[names.split(' ').indexOf('FragCreates')]);
};

test.serial('what is sent fits: the MTU is what is below less fifty, or what the user said; no host cuts a frame', async (t) => {
  t.deepEqual([await mtuOf('one'), await mtuOf('two'), await mtuOf('small')], [1450, 1450, 1300]);
  const before = [await fragments('a'), await fragments('b')];
  for (const [from, to, address] of [
    ['one', 'two', '10.32.1.4'],
    ['small', 'small2', '10.32.5.4'],
  ] as const) {
    for (const size of [1_272, 1_422, 60_000]) {
      const ear = await lab.untilReady(lab.spawnIn(to, 'hear', address, '7100'));
      const heard = ear.stdout === null ? [] : once(ear.stdout, 'data');
      await lab.toolIn(from, 'send', address, '7100', 'x'.repeat(size));
      t.regex(String((await heard)[0]), new RegExp(`^x{${Math.min(size, 30_000)}}`), `${size} bytes from ${from}`);
      ear.kill('SIGKILL');
    }
  }
  t.deepEqual([await fragments('a'), await fragments('b')], before);
});

/** Devices of ours on a host, `tsox` or `tsog` and the VNI, with their MTU. */
const sizesOf = async (node: NodeName): Promise<string> => {
  const links = JSON.parse(await lab.host(node).run('ip', ['-json', 'link'])) as { readonly ifname: string; readonly mtu: number }[];
  return links
    .filter(({ ifname }) => /^tso[xg]/.test(ifname))
    .map(({ ifname, mtu }) => `${ifname.slice(0, 4)}${ifname.slice(10)} ${mtu}`)
    .toSorted()
    .join('\n');
};

test.serial('the MTU follows the device below when that changes, down and up', async (t) => {
  const host = lab.host('a');
  const before = await sizesOf('a');
  await host.run('ip', ['link', 'set', 'eth0', 'mtu', '1400']);
  const lowered = await eventually('the devices have less', async () => {
    const now = await sizesOf('a');
    return /^tsox35t 1350$/m.test(now) && /^tsog35t 1350$/m.test(now) ? now : undefined;
  });
  t.regex(lowered, /^tsog35x 1300$/m, 'what the user said still fits');
  await host.run('ip', ['link', 'set', 'eth0', 'mtu', '1500']);
  await eventually('the devices have as much as before', async () => (await sizesOf('a')) === before);
  t.is(await ask('one', '10.32.1.4'), 'two 10.32.1.3');
});

/** How devices of a network end. */
const vniOf = (number: number): string => (4096 + number).toString(36);

/** Frames that the VXLAN device of a network has taken on a host. */
const framesTaken = async (node: NodeName, number = 1): Promise<number> => {
  const links = JSON.parse(await lab.host(node).run('ip', ['-json', '-statistics', 'link'])) as {
    readonly ifname: string;
    readonly stats64: { readonly rx: { readonly packets: number } };
  }[];
  return links.find(({ ifname }) => ifname.startsWith('tsox') && ifname.slice(10) === vniOf(number))?.stats64.rx.packets ?? Number.NaN;
};

/** A frame of a network to whoever has the task address 4 there, as a datagram for the VXLAN port. */
const sendFrame = (host: string, number = 1): readonly string[] => {
  const frame = `0800000000100${number}00${'02420a200104'}${'02420a200103'}0800${'00'.repeat(46)}`;
  const program = `const s = require('node:dgram').createSocket('udp4'); s.send(Buffer.from('${frame}', 'hex'), 4789, '${host}', () => s.close());`;
  return ['-e', program];
};

test.serial('frames for a network are taken from hosts of the cluster, from nobody else', async (t) => {
  const { address } = lab.host('b');
  const before = await framesTaken('b');
  await lab.host('a').run(process.execPath, sendFrame(address));
  await eventually('a frame from a host of the cluster is taken', async () => (await framesTaken('b')) > before);
  const taken = await framesTaken('b');
  await inNetwork(lab.lab.wires.pin, process.execPath, sendFrame(address));
  // What comes after it is taken: it had its chance.
  await lab.host('a').run(process.execPath, sendFrame(address));
  await eventually('a frame from a host of the cluster is taken again', async () => (await framesTaken('b')) > taken);
  t.is(await framesTaken('b'), taken + 1);
});

test.serial('a container puts no frame into a network in the name of its host', async (t) => {
  const { address } = lab.host('b');
  const before = await framesTaken('b');
  t.is((await lab.inTask('one', process.execPath, ...sendFrame(address))).code, 0);
  await lab.host('a').run(process.execPath, sendFrame(address));
  await eventually('a frame from the host itself is taken', async () => (await framesTaken('b')) > before);
  t.is(await framesTaken('b'), before + 1);
});

test.serial('a host sends frames of the networks that it is on, and of no other', async (t) => {
  const { address } = lab.host('a');
  const common = await framesTaken('a', 1);
  const other = await framesTaken('a', 2);
  await lab.host('b').run(process.execPath, sendFrame(address, 2));
  await lab.host('b').run(process.execPath, sendFrame(address, 1));
  await eventually('a frame of the network that both are on is taken', async () => (await framesTaken('a', 1)) > common);
  t.is(await framesTaken('a', 2), other);
});

/** Our table in a host's namespace. */
const tableOf = async (node: NodeName): Promise<{ readonly name: string; readonly text: string }> => {
  const [, name = ''] = /^table inet (tso\S*)$/m.exec(await lab.host(node).run(nft, ['list', 'tables'])) ?? [];
  return { name, text: await lab.host(node).run(nft, ['list', 'table', 'inet', name]) };
};
const troublesOf = async (node: NodeName): Promise<string> => ((await lab.call(node, 'troubles')) as string[]).join('\n');

/** Whether the rules let nothing begin by the gateway of a network. */
const isClosed = async (node: NodeName, number: number): Promise<boolean> =>
  new RegExp(`iifname [^\n]*"tsog.{6}${vniOf(number)}"[^\n]* drop`).test((await tableOf(node)).text);

test.serial('the rules of a host stay while its agent begins anew, until that one knows all of them', async (t) => {
  const host = lab.host('a');
  const ports = [labPort('one', 'one', '10.32.1.3', { published: 8081, target: 7000 })];
  const askPublished = async (): Promise<string> => answer(await lab.toolOutside('ask', host.address, '8081'));
  await lab.call('a', 'publish', ports);
  t.regex(await askPublished(), /^one /);
  const { name } = await tableOf('a');
  await host.run(nft, ['add', 'rule', 'inet', name, 'output', 'counter', 'comment', '"of before"']);
  await lab.restart('a');
  for (const next of [
    () => lab.configure('a'),
    () => lab.call('a', 'setTunnels', { address: '', peers: [] }),
    () => lab.call('a', 'setNetworks', lab.networks('a')),
    () => lab.call('a', 'setIngress', []),
  ]) {
    await next();
    t.regex((await tableOf('a')).text, /of before/);
    t.regex(await askPublished(), /^one /);
  }
  await lab.call('a', 'publish', ports);
  t.notRegex((await tableOf('a')).text, /of before/, 'now it is its own');
  t.regex(await askPublished(), /^one /);
  t.is(await ask('one', '10.32.1.4'), 'two 10.32.1.3');
  await lab.call('a', 'publish', []);
});

test.serial('a network that fails for a moment keeps its rules and its names', async (t) => {
  const host = lab.host('a');
  t.true(await isClosed('a', 6));
  await host.run('ip', ['address', 'add', '10.32.6.200/30', 'dev', 'lan1']);
  await eventually('the network fails', async () => (await troublesOf('a')).includes('overlaps 10.32.6.200/30'));
  const { text } = await tableOf('a');
  t.true(await isClosed('a', 6));
  // nft shows subnets that follow each other as one range.
  t.regex(text, /ip saddr [^\n]*10\.32\.6\.(0\/24|255)[^\n]* drop/);
  t.regex(text, /0x1006 \. /, 'frames of it from hosts that are on it');
  t.deepEqual(await namesOf('vault', 'vault2'), ['10.32.6.4']);
  await host.run('ip', ['address', 'del', '10.32.6.200/30', 'dev', 'lan1']);
  await eventually('it is well again', async () => (await troublesOf('a')) === '');
  t.is(await ask('vault', '10.32.6.4'), 'vault2 10.32.6.3');
});

test.serial('the rules of a network go with its last task when it is no longer wished, and not before', async (t) => {
  await lab.call('a', 'setNetworks', [...lab.networks('a'), labNetwork(8, { internal: true })]);
  await lab.call('a', 'attach', labPlan('last', { 8: '10.32.8.3' }));
  await lab.call('a', 'setNetworks', lab.networks('a'));
  t.true(await isClosed('a', 8));
  await lab.call('a', 'detach', 'last');
  t.false(await isClosed('a', 8));
  t.notRegex((await tableOf('a')).text, /10\.32\.8\./);
});

test.serial('names that could not be answered are a trouble, and are answered once the port is free, with nobody asking', async (t) => {
  const host = lab.host('a');
  await host.run('sysctl', ['-q', '-w', 'net.ipv4.ip_nonlocal_bind=1']);
  const tool = join(import.meta.dirname, 'support/net-tool.ts');
  const squatter = await lab.untilReady(host.spawn(process.execPath, [tool, 'resolver', '10.32.9.1', '203.0.113.7']));
  await t.throwsAsync(lab.call('a', 'setNetworks', [...lab.networks('a'), labNetwork(9)]), { message: /port 53\/udp is taken/ });
  t.regex(await troublesOf('a'), /names cannot be answered on 10\.32\.9\.1: port 53\/udp is taken by node/);
  const ended = once(squatter, 'exit');
  squatter.kill('SIGKILL');
  await ended;
  await eventually('nothing is to be told any more', async () => (await troublesOf('a')) === '');
  await lab.call('a', 'setNetworks', lab.networks('a'));
});

test.serial(
  'firewalls of others that close a way are named with the cure, left as they are, and forgotten once it was taken',
  async (t) => {
    const host = lab.host('a');
    const troubles = async (): Promise<string> => ((await lab.call('a', 'troubles')) as string[]).join('\n');
    t.is(await troubles(), '');
    const outside = lab.lab.wires.gateway;
    // As Docker leaves it, as a distribution's firewall does, and an old one beside; with bridges looked at too.
    for (const args of [
      ['iptables', '-N', 'DOCKER-USER'],
      ['iptables', '-A', 'FORWARD', '-j', 'DOCKER-USER'],
      ['iptables', '-P', 'FORWARD', 'DROP'],
      ['iptables-legacy', '-P', 'FORWARD', 'DROP'],
      [nft, 'add table inet firewalld; add chain inet firewalld filter_FORWARD { type filter hook forward priority 10; }'],
      [nft, 'add rule inet firewalld filter_FORWARD reject with icmpx admin-prohibited'],
      ['sysctl', '-q', '-w', 'net.bridge.bridge-nf-call-iptables=1', 'net.bridge.bridge-nf-call-ip6tables=1'],
    ] as const) {
      const [program, ...rest] = args;
      await host.run(program, rest);
    }
    const others = async (): Promise<string> =>
      `${await host.run(nft, ['list', 'table', 'ip', 'filter'])}${await host.run(nft, ['list', 'table', 'inet', 'firewalld'])}${await host.run('iptables-legacy', ['-S'])}`;
    const theirs = await others();
    const named = await eventually('all three are named', async () => {
      const text = await troubles();
      return text.split('\n').length === 3 ? text : undefined;
    });
    t.regex(
      named,
      /the firewall ip filter\/FORWARD .*: iptables -I DOCKER-USER -i tso\+ -j ACCEPT && iptables -I DOCKER-USER -o tso\+ -j ACCEPT/,
    );
    t.regex(named, /the firewall iptables-legacy FORWARD .*: iptables-legacy -I FORWARD -i tso\+ -j ACCEPT/);
    t.regex(named, /the firewall inet firewalld\/filter_FORWARD .*: firewall-cmd --permanent/);
    // Networks themselves pass by all of it; only the way out is closed.
    t.is(await ask('one', '10.32.1.4'), 'two 10.32.1.3');
    t.is(await ask('one', '10.32.1.5'), 'near 10.32.1.3');
    t.deepEqual(await namesOf('one', 'two'), ['10.32.1.4']);
    t.regex(await ask('one', outside), /failed/);
    await lab.call('a', 'setNetworks', lab.networks('a'));
    t.is(await others(), theirs);
    // The cure, as it was told (firewalld's program writes the same rule).
    for (const line of named.split('\n').map((text) => text.slice(text.lastIndexOf(': ') + 2))) {
      if (line.startsWith('firewall-cmd')) {
        await host.run(nft, ['insert rule inet firewalld filter_FORWARD iifname "tso*" accept']);
        await host.run(nft, ['insert rule inet firewalld filter_FORWARD oifname "tso*" accept']);
      } else await host.run('sh', ['-c', line]);
    }
    t.is(await ask('one', outside), `outside ${host.address}`);
    await eventually('nothing is to be told any more', async () => (await troubles()) === '');
  },
);
