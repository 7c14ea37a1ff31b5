// Networks of every kind over three hosts, as compose files ask for them: own addresses, no way out, one for each host, the wire itself,
// several at once, those of others, and none.
import { readlinkSync } from 'node:fs';
import test from 'ava';
import { ClusterLab } from './hosts/cluster-lab.ts';
import { Capture } from './support/capture.ts';
import {
  asked,
  container,
  containers,
  fetched,
  inside,
  interfaceOn,
  interfaces,
  known,
  mended,
  netOf,
  network,
  noAnswer,
  Programs,
  resolved,
  said,
  toolIn,
  web,
  who,
} from './support/cluster-net.ts';
import { eventually } from './support/eventually.ts';

const on = (host: string): string => `deploy: { placement: { constraints: ["node.hostname==${host}"] } }`;
const idle = 'image: busybox:1, stop_signal: SIGKILL';
const stack = `
services:
  fixed:
    ${web.trim()}
    container_name: boxed
    networks: { plan: { ipv4_address: 10.21.0.5, ipv6_address: "fd21::5" } }
    ${on('w2')}
  pool:
    ${web.trim()}
    networks: [plan]
    deploy: { replicas: 3, placement: { max_replicas_per_node: 1 } }
  vault:
    ${web.trim()}
    networks: [safe]
    deploy: { mode: global }
  near:
    ${web.trim()}
    networks: [here]
    deploy: { replicas: 2, placement: { constraints: ["node.hostname==w1"] } }
  far:
    ${web.trim()}
    networks: [here]
    ${on('w2')}
  lan1:
    ${web.trim()}
    networks: [lan]
    ${on('w1')}
  lan2:
    ${web.trim()}
    networks: [lan]
    ${on('w2')}
  multi:
    ${web.trim()}
    networks: { safe: { gw_priority: 1000 }, side: {}, plan: { gw_priority: 10 } }
    ${on('m1')}
  hostly: { ${idle}, network_mode: host, ${on('w1')} }
  hosted: { ${idle}, networks: [outer], ${on('w1')} }
  alone: { ${idle}, network_mode: none, ${on('w1')} }
  beside: { ${idle}, network_mode: "service:fixed" }
  inbox: { ${idle}, network_mode: "container:boxed" }
networks:
  plan:
    attachable: true
    enable_ipv6: true
    ipam:
      config:
        - { subnet: 10.21.0.0/24, gateway: 10.21.0.200, ip_range: 10.21.0.64/28, aux_addresses: { printer: 10.21.0.66 } }
        - { subnet: "fd21::/64" }
  safe: { internal: true }
  here: { driver: bridge }
  side: {}
  outer: { external: true, name: host }
  lan:
    driver: macvlan
    driver_opts: { parent: eth0 }
    ipam: { config: [{ subnet: 10.79.0.0/24, gateway: 10.79.0.254, ip_range: 10.79.0.128/26 }] }
`;
const team = (service: string, host: string): string => `
services:
  ${service}:
    ${web.trim()}
    networks: [shared]
    ${on(host)}
networks: { shared: { external: true } }
`;

const cluster = await ClusterLab.start({ managers: 1, workers: 2 });
const programs = new Programs();
const manager = cluster.host('m1');
const outside = cluster.lab.wires.gateway;
/** What the resolver outside says of every name: what is not known here. */
const elsewhere = ['203.0.113.9'];
test.before(async () => {
  await programs.outside(cluster, 'resolver', outside, elsewhere.join());
  await cluster.up('kinds', stack);
  await known(cluster, 'kinds');
});
test.after.always(async () => {
  await programs.end();
  await cluster.destroy();
});

const one = (service: string, host?: string) => container(cluster, 'kinds', service, host);

test.serial('addresses are those that the file says: subnet, range, gateway, what is reserved, and what is fixed', async (t) => {
  const plan = await network(manager, 'kinds_plan');
  t.like(plan, { subnet: '10.21.0.0/24', gateway: '10.21.0.200', subnet6: 'fd21::/64', attachable: true, driver: 'overlay' });
  const given = plan.endpoints.filter(({ service }) => service !== 'fixed').map(({ address }) => Number(address.split('.')[3]));
  t.is(given.length, 4);
  t.true(
    given.every((number) => number >= 64 && number < 80 && number !== 66),
    given.join(),
  );
  const fixed = await one('fixed', 'w2');
  t.like(await interfaceOn(fixed, '10.21.0.'), { address: '10.21.0.5', prefix: 24, address6: 'fd21::5' });
  for (const from of await containers(cluster, 'kinds', 'pool')) {
    const own = await interfaceOn(from, '10.21.0.');
    t.regex(said(await inside(from, 'ip', 'route')), /^default via 10\.21\.0\.200 /m);
    t.deepEqual(await asked(from, `http://10.21.0.5${who}`, 1), [`${fixed.hostname} ${own.address}`]);
    t.deepEqual(await asked(from, `http://[fd21::5]${who}`, 1), [`${fixed.hostname} ${own.address6}`]);
    t.deepEqual(await resolved(from, 'boxed'), ['10.21.0.5']);
  }
  t.regex(await manager.tsoOk(['network', 'ls', '--filter', 'name=kinds_plan']), /attachable/);
});

test.serial('from an internal network nothing leads out, and its tasks reach each other on all hosts', async (t) => {
  await programs.outside(cluster, 'serve', 'outside', '9000');
  const from = await one('vault', 'w1');
  t.is(said(await netOf(from, 'ip', 'route', 'show', 'default')), '');
  t.deepEqual(await resolved(await one('pool', 'w1'), 'www.example.com'), elsewhere, 'others are answered by whom the host asks');
  const capture = await Capture.begin(cluster.lab);
  t.deepEqual(await resolved(from, 'www.example.com'), []);
  t.regex(await fetched(from, `http://${outside}:9000/`), noAnswer);
  // Not by a route that somebody makes inside, either.
  const { gateway } = await network(manager, 'kinds_safe');
  await netOf(from, 'ip', 'route', 'add', 'default', 'via', gateway);
  t.regex(await fetched(from, `http://${outside}:9000/`), noAnswer);
  t.regex(await fetched(from, 'http://10.21.0.5/'), noAnswer);
  await netOf(from, 'ip', 'route', 'delete', 'default');
  const wire = await capture.end();
  t.deepEqual(await wire.frames('udp port 53 or tcp port 53 or tcp port 9000 or udp port 4789'), []);
  const vaults = await containers(cluster, 'kinds', 'vault');
  t.deepEqual(
    (await asked(from, `http://vault${who}`, 30)).map((line) => line.split(' ')[0]),
    vaults.map(({ hostname }) => hostname).sort(),
  );
  t.regex(await toolIn(await one('pool', 'w1'), 'ask', outside, '9000'), /outside 10\.79\.0\./, 'others get out');
});

test.serial('with the driver bridge tasks of one host reach each other and get out, and those of another are not there', async (t) => {
  const nears = await containers(cluster, 'kinds', 'near');
  const [from] = nears;
  const far = await one('far', 'w2');
  if (from === undefined) return t.fail();
  const own = (await interfaces(from)).find(({ name }) => name === 'eth0')?.address;
  t.deepEqual(await asked(from, `http://near${who}`, 40), nears.map(({ hostname }) => `${hostname} ${own}`).sort());
  t.deepEqual(await resolved(from, 'tasks.far'), [], 'known, and with no task there');
  const address = (await interfaces(far)).find(({ name }) => name === 'eth0')?.address;
  const capture = await Capture.begin(cluster.lab);
  t.regex(await fetched(from, `http://${address}/`), noAnswer);
  t.deepEqual(await (await capture.end()).vxlan(), []);
  t.regex(await toolIn(from, 'ask', outside, '9000'), /outside 10\.79\.0\./);
});

test.serial('host is the network of the host, none is a loopback', async (t) => {
  const names = async (service: string) => (await interfaces(await one(service))).map(({ name }) => name);
  const own = readlinkSync(`/proc/${cluster.host('w1').daemonPid}/ns/net`);
  for (const service of ['hostly', 'hosted']) t.is(readlinkSync(`/proc/${(await one(service)).pid}/ns/net`), own, service);
  t.deepEqual(await names('alone'), ['lo']);
});

test.serial('with macvlan tasks are on the wire of the hosts, which everybody there reaches', async (t) => {
  const [from, to] = [await one('lan1', 'w1'), await one('lan2', 'w2')];
  const [own, other] = [await interfaceOn(from, '10.79.0.'), await interfaceOn(to, '10.79.0.')];
  for (const { address, mtu } of [own, other]) {
    const number = Number(address.split('.')[3]);
    t.true(number >= 128 && number < 192, address);
    t.is(mtu, 1_500);
  }
  const capture = await Capture.begin(cluster.lab);
  t.deepEqual(await asked(from, `http://${other.address}${who}`, 1), [`${to.hostname} ${own.address}`]);
  t.deepEqual(await asked(from, `http://lan2${who}`, 1), [`${to.hostname} ${own.address}`]);
  const seen = await cluster.lab.client('curl', ['-sS', '--max-time', '30', `http://${other.address}${who}`]);
  t.true(seen.startsWith(to.hostname) && seen.includes(outside), seen);
  t.regex(await toolIn(from, 'ask', outside, '9000'), new RegExp(`outside ${own.address}`));
  const wire = await capture.end();
  t.deepEqual(await wire.vxlan(), []);
  t.true((await wire.frames(`host ${own.address} and host ${other.address} and tcp port 80`)).length > 8);
});

test.serial('of several networks the one with the highest priority leads out, unless it is internal; each is answered by', async (t) => {
  const multi = await one('multi', 'm1');
  t.regex(said(await inside(multi, 'ip', 'route')), /^default via 10\.21\.0\.200 /m);
  const eths = (await interfaces(multi)).filter(({ name }) => name !== 'lo');
  t.is(eths.length, 3);
  t.regex(await toolIn(multi, 'ask', outside, '9000'), new RegExp(`outside ${manager.address}`));
  const plan = eths.find(({ address }) => address.startsWith('10.21.0.'));
  const safe = await interfaceOn(multi, (await network(manager, 'kinds_safe')).subnet.replace(/0\/24$/, ''));
  for (const [service, own] of [
    ['pool', plan],
    ['vault', safe],
  ] as const) {
    const from = await one(service, 'w2');
    t.deepEqual(await resolved(from, 'tasks.multi'), [own?.address ?? '']);
    const client = (await interfaces(from)).find(({ name }) => name === 'eth0')?.address;
    t.deepEqual(await asked(from, `http://multi${who}`, 3, '-4'), [`${multi.hostname} ${client}`]);
  }
});

test.serial('who shares the namespace of another is on its host, has its addresses, and no name', async (t) => {
  const fixed = await one('fixed');
  for (const service of ['beside', 'inbox']) {
    const shared = await one(service);
    t.is(shared.host.name, 'w2');
    t.is(readlinkSync(`/proc/${shared.pid}/ns/net`), readlinkSync(`/proc/${fixed.pid}/ns/net`), service);
    t.deepEqual((await asked(shared, `http://127.0.0.1${who}`, 1)).length, 1);
    t.deepEqual(await resolved(await one('pool', 'w1'), service), elsewhere);
    t.deepEqual(await resolved(shared, 'tasks.pool'), await resolved(fixed, 'tasks.pool'));
  }
});

test.serial('a network made by hand is for stacks that call it external, on all hosts, and stays when they go', async (t) => {
  await manager.tsoOk(['network', 'create', '--subnet', '10.22.0.0/24', '--label', 'kept=yes', 'shared']);
  await Promise.all([cluster.up('red', team('page', 'w1'), manager), cluster.up('blue', team('page', 'w2'), manager)]);
  for (const name of ['red', 'blue']) await known(cluster, name);
  const [red, blue] = [await container(cluster, 'red', 'page'), await container(cluster, 'blue', 'page')];
  const own = await interfaceOn(red, '10.22.0.');
  t.deepEqual(await asked(red, `http://page.blue${who}`, 3), [`${blue.hostname} ${own.address}`]);
  t.deepEqual(
    (await asked(red, `http://page${who}`, 3)).map((line) => line.split(' ')[0]),
    [red.hostname],
    'a short name is first of all the own',
  );
  t.deepEqual((await network(manager, 'shared')).services, ['blue_page', 'red_page']);
  const refused = await manager.tso(['network', 'rm', 'shared']);
  t.not(refused.code, 0);
  t.regex(refused.stderr, /in use by service/);
  for (const name of ['red', 'blue']) await manager.tsoOk(['down', '-p', name]);
  t.is((await manager.tsoOk(['network', 'ls', '--filter', 'label=kept=yes', '--format', 'json'])).includes('"shared"'), true);
});

test.serial('nobody changed anything, and no agent thinks so', async (t) => {
  t.deepEqual(await mended(cluster), []);
});

test.serial('tso down takes all of it away, on every host, but for what others made', async (t) => {
  await programs.end();
  await manager.tsoOk(['down', '-p', 'kinds']);
  const names = (JSON.parse(await manager.tsoOk(['network', 'ls', '--format', 'json'])) as readonly { readonly name: string }[]).map(
    ({ name }) => name,
  );
  t.deepEqual(names, ['shared']);
  await manager.tsoOk(['network', 'rm', 'shared']);
  t.not((await manager.tso(['network', 'inspect', 'shared'])).code, 0);
  for (const host of cluster.members) await gone(host.name);
  t.pass();
});

/** Once nothing of networks is left on the host, and no container. */
const gone = (name: string): Promise<unknown> =>
  eventually(`nothing is left on ${name}`, async () => {
    const left = await cluster.host(name).leftovers();
    if (left.length > 0) throw new Error(left.join(', '));
    return true;
  });
