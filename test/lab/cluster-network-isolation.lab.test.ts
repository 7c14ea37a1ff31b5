// Who does not reach whom: networks of stacks, strangers on the wire, and a container that sends in the name of others.
import type { ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { EndpointView } from '@tso/proto';
import test from 'ava';
import { ClusterLab } from './hosts/cluster-lab.ts';
import { inNetwork, nft } from './hosts/wires.ts';
import { eventually } from './support/eventually.ts';
import {
  advertisementFrame,
  arpFrame,
  frameMark,
  type Party,
  routerFrame,
  tagged,
  udp6Frame,
  udpFrame,
  vxlanPayload,
} from './support/frames.ts';
import { answersAt } from './support/healthcheck.ts';
import type { LabHost } from './support/lab-host.ts';

const forge = join(import.meta.dirname, 'support/forge.py');
const tool = join(import.meta.dirname, 'support/net-tool.ts');
const python = '/usr/bin/python3';
const page = '["/bin/sh", "-c", "mkdir -p /www && hostname > /www/index.html && httpd -p 81 -h /www && exec httpd -f -p 80 -h /www"]';

/** A task of `web` on every host, on a network with both families and, for its published port, on the one that carries those. */
const open = (number: number): string => `
services:
  web:
    image: busybox:1
    command: ${page}
    ${answersAt()}
    ports: ["808${number}:80"]
    networks: { net: { aliases: [page] } }
    stop_grace_period: 200ms
    deploy: { mode: global }
  ${
    number === 1
      ? `forger:
    image: busybox:1
    networks: [net]
    stop_grace_period: 200ms
    volumes: ["/usr:/usr:ro", "/lib:/lib:ro", "/lib64:/lib64:ro", "${forge}:/forge.py:ro"]
    deploy: { placement: { constraints: [node.hostname == w1] } }
  `
      : ''
  }
networks:
  net: { enable_ipv6: true, ipam: { config: [{ subnet: 10.40.${number}.0/24 }, { subnet: "fd40:${number}::/64" }] } }
`;

const vault = `
services:
  safe:
    image: busybox:1
    command: ${page}
    ${answersAt()}
    networks: [net]
    stop_grace_period: 200ms
    deploy: { mode: global }
networks:
  net: { internal: true, enable_ipv6: true, ipam: { config: [{ subnet: 10.40.3.0/24 }, { subnet: "fd40:3::/64" }] } }
`;

const cluster = await ClusterLab.start({ managers: 1, workers: 2, spares: 1 });
const m1 = cluster.host('m1');
const w1 = cluster.host('w1');
/** On the same wire, and not of the cluster. */
const stranger = cluster.host('spare1');
const children: ChildProcess[] = [];

test.before(async () => {
  for (const [name, yaml] of Object.entries({ one: open(1), two: open(2), vault })) await cluster.up(name, yaml);
});
test.after.always(async () => {
  for (const child of children) child.kill('SIGKILL');
  await cluster.destroy();
});

/** Everybody on a network, by service and host. */
const membersOf = async (network: string): Promise<readonly EndpointView[]> =>
  (await cluster.ask((api) => api.control((control) => control.getNetwork({ network }, { deadlineMs: 3_000 })))).endpoints;
const memberOn = async (network: string, service: string, host: LabHost): Promise<EndpointView> => {
  const members = await membersOf(network);
  const found = members.find((one) => one.service === service && one.node === host.name);
  if (found === undefined) throw new Error(`${service} is not on ${network} at ${host.name}: ${JSON.stringify(members)}`);
  return found;
};
const vipOf = async (stack: string, service: string): Promise<readonly string[]> =>
  (await cluster.stack(stack)).services
    .filter((one) => one.service.spec.name === service)
    .flatMap(({ service: { vips } }) => vips.flatMap(({ address, address6 }) => [address, address6]))
    .filter((address) => address !== '');

const urlOf = (address: string, port = 80): string => `http://${address.includes(':') ? `[${address}]` : address}:${port}/`;

/** Which of these answer a program inside a task, all asked at once. */
const reached = async (host: LabHost, taskId: string, urls: readonly string[]): Promise<readonly string[]> => {
  const script = 'for url; do (curl -gsS -o /dev/null --max-time 5 "$url" 2>/dev/null && echo "$url") & done; wait';
  const pid = (await host.mainPids()).get(taskId);
  if (pid === undefined) throw new Error(`task ${taskId} does not run on ${host.name}`);
  const inside = ['-t', String(pid), '--net', '--mount', '--root', '--', '/bin/sh', '-c', script, 'sh', ...urls];
  return (await host.run('nsenter', inside))
    .split('\n')
    .filter((line) => line !== '')
    .toSorted();
};

/** The same from a host itself, from one of its addresses. */
const reachedBy = async (host: LabHost, urls: readonly string[], from?: string): Promise<readonly string[]> => {
  const args = from === undefined ? '' : `--interface ${from}`;
  const script = `for url; do (curl -gsS ${args} -o /dev/null --max-time 5 "$url" 2>/dev/null && echo "$url") & done; wait`;
  return (await host.run('/bin/sh', ['-c', script, 'sh', ...urls]))
    .split('\n')
    .filter((line) => line !== '')
    .toSorted();
};

/** A page of a host itself, no container's; resolves with its port once it is there. */
const listen = async (host: LabHost, address: string, port: number): Promise<number> => {
  children.push(host.spawn('busybox', ['httpd', '-f', '-p', `${address}:${port}`, '-h', '/etc']));
  await eventually(
    `port ${port} of ${host.name} answers`,
    async () => (await reachedBy(host, [`http://127.0.0.1:${port}/hostname`])).length === 1,
  );
  return port;
};

const gatewayOf = (number: number): string => `10.40.${number}.1`;
/** A default route by the gateway, which the task on an internal network was not given. */
const giveRoute = async (host: LabHost, taskId: string, number: number): Promise<void> => {
  await host.run('nsenter', [`--net=${namespaceOf(host, taskId)}`, 'ip', 'route', 'add', 'default', 'via', gatewayOf(number)]);
};
const namespaceOf = (host: LabHost, taskId: string): string => join(host.runDir, 'netns', taskId);

/** From the tasks of `web` of stack one on m1 and w1: which of the addresses answer. */
const reachedFromOne = async (urls: readonly string[]): Promise<Readonly<Record<string, readonly string[]>>> =>
  Object.fromEntries(
    await Promise.all(
      [m1, w1].map(async (host) => [host.name, await reached(host, (await memberOn('one_net', 'web', host)).taskId, urls)] as const),
    ),
  );
const nobody = { m1: [], w1: [] };

test.serial('tasks of a network reach each other on every host, by address, by name, by the address of the service, by IPv6', async (t) => {
  const web = (await membersOf('one_net')).filter(({ service }) => service === 'web');
  t.is(web.length, 3);
  const urls = [
    ...web.flatMap(({ address, address6 }) => [urlOf(address), urlOf(address6), urlOf(address, 81)]),
    ...(await vipOf('one', 'web')).map((address) => urlOf(address)),
    urlOf('web'),
  ].toSorted();
  t.is(urls.length, 3 * 3 + 2 + 1);
  t.deepEqual(await reachedFromOne(urls), { m1: urls, w1: urls });
});

test.serial('tasks of another network are reached by none of their addresses, on the own host or another', async (t) => {
  const others = [...(await membersOf('two_net')), ...(await membersOf('vault_net'))];
  t.is(others.length, 6);
  const urls = [
    ...others.flatMap(({ address, address6 }) => [urlOf(address), urlOf(address6)]),
    ...[...(await vipOf('two', 'web')), ...(await vipOf('vault', 'safe'))].map((address) => urlOf(address)),
    urlOf('web.two'),
    urlOf('safe.vault'),
  ];
  t.is(urls.length, 6 * 2 + 4 + 2);
  t.deepEqual(await reachedFromOne(urls), nobody);
});

test.serial('the network that carries published ports is no way from one service to another', async (t) => {
  const others = await cluster.tasks('two', 'web');
  const addresses = others.flatMap(({ networks }) =>
    networks.filter(({ networkId }) => networkId === 'ingress').map(({ address }) => address),
  );
  t.is(addresses.length, 3);
  t.deepEqual(await reachedFromOne(addresses.flatMap((address) => [urlOf(address), urlOf(address, 81)])), nobody);
  // It does carry them.
  t.deepEqual(await reachedFromOne([urlOf(m1.address, 8082)]), { m1: [urlOf(m1.address, 8082)], w1: [urlOf(m1.address, 8082)] });
});

test.serial('an internal network leads nowhere: no other network, no host, nothing outside', async (t) => {
  const safe = await memberOn('vault_net', 'safe', w1);
  const all = await membersOf('vault_net');
  const inside = all.map(({ address6 }) => urlOf(address6)).toSorted();
  // A task with a way out reaches what any machine beside its host does, and what listens at a loopback address nobody does.
  const [anyAddress, loopback, outside] = [
    await listen(w1, '0.0.0.0', 9101),
    await listen(w1, '127.0.0.1', 9102),
    await listen(stranger, '0.0.0.0', 9103),
  ];
  const hostUrls = [
    urlOf(w1.address, anyAddress),
    urlOf(gatewayOf(3), anyAddress),
    urlOf(w1.address, 8081),
    urlOf(stranger.address, outside),
  ];
  const loopbacks = [urlOf(gatewayOf(3), loopback), urlOf(w1.address, loopback), urlOf('127.0.0.1', loopback)];
  await giveRoute(w1, safe.taskId, 3);
  const others = (await membersOf('one_net')).map(({ address }) => urlOf(address));
  t.deepEqual(await reached(w1, safe.taskId, [...inside, ...hostUrls, ...loopbacks, ...others]), inside);
  const web = await memberOn('one_net', 'web', w1);
  const allowed = [urlOf(w1.address, anyAddress), urlOf(gatewayOf(1), anyAddress), urlOf(stranger.address, outside)].toSorted();
  t.deepEqual(await reached(w1, web.taskId, [...allowed, ...loopbacks, urlOf(gatewayOf(1), loopback)]), allowed);
});

test.serial(
  'nobody outside reaches into a network: not a task, not an address of a service, not the network of published ports',
  async (t) => {
    const web = await memberOn('one_net', 'web', w1);
    const carried = (await cluster.tasks('one', 'web')).flatMap(({ networks }) => networks.map(({ address }) => address));
    const addresses = [...new Set([web.address, web.address6, ...carried, ...(await vipOf('one', 'web')), gatewayOf(1)])];
    t.true(addresses.length >= 3 * 2 + 1 + 2 + 1, addresses.join(' '));
    await stranger.run('ip', ['address', 'add', 'fd79::4/64', 'dev', 'eth0', 'nodad']);
    await w1.run('ip', ['address', 'add', 'fd79::2/64', 'dev', 'eth0', 'nodad']);
    for (const address of addresses) {
      const [family, via] = address.includes(':') ? ['-6', 'fd79::2'] : ['-4', w1.address];
      await stranger.run('ip', [family, 'route', 'add', address, 'via', via]);
    }
    t.deepEqual(
      await reachedBy(
        stranger,
        addresses.flatMap((address) => [urlOf(address), urlOf(address, 81)]),
      ),
      [],
    );
    t.deepEqual(await reachedBy(stranger, [urlOf(w1.address, 8081)]), [urlOf(w1.address, 8081)], 'a published port is the way in');
    // With an address of the network as its own it gets no answer from that either.
    await stranger.run('ip', ['address', 'add', '10.40.1.77/32', 'dev', 'lo']);
    t.deepEqual(await reachedBy(stranger, [urlOf(w1.address, 8081)], '10.40.1.77'), []);
  },
);

/** What the gateway of a network answers: addresses, or why there are none. */
const asked = async (host: LabHost, namespace: string | undefined, server: string, name: string): Promise<string> => {
  const command = [process.execPath, tool, 'dns', server, name, 'A', 'udp', '0'];
  const [program = '', ...args] = namespace === undefined ? command : ['nsenter', `--net=${namespace}`, ...command];
  const { code, stdout, stderr } = await host.exec(program, args);
  if (code !== 0) return stderr.trim();
  const { rcode, addresses } = JSON.parse(stdout) as { readonly rcode: number; readonly addresses: readonly string[] };
  return addresses.length > 0 ? addresses.join(' ') : `code ${rcode}`;
};

test.serial('names are answered to tasks of the network alone, by whichever gateway they ask', async (t) => {
  const own = await memberOn('one_net', 'web', w1);
  const other = await memberOn('two_net', 'web', w1);
  const [vip = ''] = await vipOf('one', 'web');
  t.is(await asked(w1, namespaceOf(w1, own.taskId), '127.0.0.11', 'web.one'), vip);
  const questions = ['127.0.0.11', gatewayOf(1), gatewayOf(2)].flatMap((server) =>
    ['page', 'web.one', 'tasks.web', 'web.one_net', 'forger'].map((name) => [server, name] as const),
  );
  const answers = await Promise.all(questions.map(([server, name]) => asked(w1, namespaceOf(w1, other.taskId), server, name)));
  t.true(
    answers.some((answer) => answer.startsWith('10.40.2.')),
    'names of its own it knows',
  );
  t.deepEqual(
    answers.filter((answer) => /10\.40\.1\./.test(answer)),
    [],
  );
  t.is(await asked(w1, undefined, gatewayOf(1), 'web.one'), 'code 5', 'the host itself is no task');
  for (const server of [gatewayOf(1), w1.address]) t.is(await asked(stranger, undefined, server, 'web.one'), 'no answer in time', server);
});

/** Hears what arrives at a task; `until` waits for a frame of that name and says what came before and with it. */
const hear = async (host: LabHost, taskId: string): Promise<(name: string) => Promise<readonly string[]>> => {
  const child = host.spawn('nsenter', [`--net=${namespaceOf(host, taskId)}`, python, forge, 'hear', 'eth0', frameMark]);
  children.push(child);
  const heard: string[] = [];
  if (child.stdout !== null) createInterface({ input: child.stdout }).on('line', (line) => heard.push(line));
  await eventually('frames are listened for', () => heard.includes('ready'));
  heard.splice(0);
  return async (name) => {
    await eventually(`the frame ${name} arrives`, () => heard.includes(name)).catch((error: unknown) => {
      throw new Error(`${String(error)}; heard: ${heard.join(' ')}`, { cause: error });
    });
    return heard.splice(0);
  };
};

/** Sends frames as a program of the container does: with its capabilities and below its filter of system calls. */
const sendFrom = async (way: string, kind: string, frames: readonly string[]): Promise<string> => {
  const outcome = await m1.tso(['exec', '-p', 'one', 'forger', python, '/forge.py', 'send', 'eth0', way, kind, ...frames]);
  if (outcome.code !== 0) throw new Error(`${outcome.stderr}${outcome.stdout}`);
  return outcome.stdout.trim();
};

/** Whatever is forged by `self`, towards `to`, mostly in the name of `other`. */
const forgeries = (self: Party, to: Party, other: Party): Readonly<Record<string, string>> => {
  const nobody = { mac: '02:42:0a:28:01:c8', address: '10.40.1.200', address6: 'fd40:1::c8' };
  return {
    'address-of-other': udpFrame({ ...self, address: other.address }, to, 'address-of-other'),
    'address-of-nobody': udpFrame({ ...self, address: nobody.address }, to, 'address-of-nobody'),
    'mac-of-other': udpFrame({ ...self, mac: other.mac }, to, 'mac-of-other'),
    'all-of-other': udpFrame(other, to, 'all-of-other'),
    'address6-of-other': udp6Frame({ ...self, address6: other.address6 }, to, 'address6-of-other'),
    'link-local': udp6Frame({ ...self, address6: 'fe80::1' }, to, 'link-local'),
    'all6-of-other': udp6Frame(other, to, 'all6-of-other'),
    'arp-other-is-here': arpFrame(self, to, { ...other, mac: self.mac }, 'arp-other-is-here'),
    'arp-self-is-there': arpFrame(self, to, { ...self, mac: other.mac }, 'arp-self-is-there'),
    'arp-of-other': arpFrame(other, to, other, 'arp-of-other'),
    'other-advertised-here': advertisementFrame(self, to, { ...other, mac: self.mac }, 'other-advertised-here'),
    'self-advertised-there': advertisementFrame(self, to, { ...self, mac: other.mac }, 'self-advertised-there'),
    'all-advertised-by-other': advertisementFrame(
      { ...self, address6: other.address6 },
      to,
      { ...other, mac: self.mac },
      'all-advertised-by-other',
    ),
    router: routerFrame(self, to, 'router'),
    'tagged-arp': tagged(arpFrame(self, to, { ...other, mac: self.mac }, 'tagged-arp')),
    'tagged-honest': tagged(udpFrame(self, to, 'tagged-honest')),
  };
};

test.serial(
  'what a container with NET_RAW forges is dropped at its port, however it is sent, for tasks here and on another host',
  async (t) => {
    const self = await memberOn('one_net', 'forger', w1);
    const near = await memberOn('one_net', 'web', w1);
    const far = await memberOn('one_net', 'web', m1);
    const ears = { near: await hear(w1, near.taskId), far: await hear(m1, far.taskId) };
    const honest = [
      udpFrame(self, near, 'honest'),
      udp6Frame(self, near, 'honest6'),
      udpFrame(self, far, 'honest'),
      udp6Frame(self, far, 'honest6'),
    ];
    const forged = [...Object.values(forgeries(self, near, far)), ...Object.values(forgeries(self, far, near))];
    for (const way of ['packet', 'direct']) {
      // What the kernel is told that it is: the truth, or another.
      for (const kind of ['0', '0800', '0806', '86dd', '8100']) {
        await sendFrom(way, kind, forged);
        await sendFrom('packet', '0', honest);
        for (const [where, ear] of Object.entries(ears))
          t.deepEqual(await ear('honest6'), ['honest', 'honest6'], `${way} ${kind} ${where}`);
      }
    }
    t.is(await sendFrom('xdp', '0', forged), '97', 'the family of sockets that no rule sees is not there (EAFNOSUPPORT)');
    // The same without the rules of its port, to know that it would have been heard.
    await w1.run('nsenter', [`--net=${namespaceOf(w1, self.taskId)}`, nft, 'delete', 'table', 'netdev', 'tso']);
    await sendFrom('packet', '0', forged);
    await sendFrom('packet', '0', honest);
    const names = [...Object.keys(forgeries(self, near, far)), 'honest', 'honest6'].toSorted();
    t.deepEqual((await ears.near('honest6')).toSorted(), names);
    // ARP itself never leaves a host.
    const leaving = names.filter((name) => !name.startsWith('arp-'));
    t.deepEqual((await ears.far('honest6')).toSorted(), leaving);
    await eventually('the rules of the port are back', async () =>
      (await w1.run('nsenter', [`--net=${namespaceOf(w1, self.taskId)}`, nft, 'list', 'tables'])).includes('netdev tso'),
    );
  },
);

/** A frame of network one (its VNI) in a datagram to the VXLAN port of w1. */
const tunnel = (vni: number, frame: string): readonly string[] => {
  const program = `const s = require('node:dgram').createSocket('udp4'); s.send(Buffer.from('${vxlanPayload(vni, frame)}', 'hex'), 4789, '${w1.address}', () => s.close());`;
  return ['-e', program];
};

test.serial('frames of a network from a host that is not of the cluster are dropped', async (t) => {
  const { network } = await cluster.ask((api) =>
    api.control((control) => control.getNetwork({ network: 'one_net' }, { deadlineMs: 3_000 })),
  );
  const web = await memberOn('one_net', 'web', w1);
  const far = await memberOn('one_net', 'web', m1);
  const ear = await hear(w1, web.taskId);
  const frame = (name: string): string => udpFrame(far, web, name);
  await stranger.run(process.execPath, tunnel(network?.vni ?? 0, frame('from-a-stranger')));
  await inNetwork(cluster.lab.wires.pin, process.execPath, tunnel(network?.vni ?? 0, frame('from-the-switch')));
  await m1.run(process.execPath, tunnel(network?.vni ?? 0, frame('from-a-member')));
  t.deepEqual(await ear('from-a-member'), ['from-a-member']);
});
