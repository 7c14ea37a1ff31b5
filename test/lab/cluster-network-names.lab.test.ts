// Names over three hosts: who asks for which and gets what, links, and the ways to a service's tasks.
import test from 'ava';
import { ClusterLab } from './hosts/cluster-lab.ts';
import {
  asked,
  beginOf,
  type Container,
  container,
  containers,
  distinct,
  fetched,
  inside,
  interfaceOn,
  known,
  mended,
  network,
  Programs,
  resolved,
  said,
  web,
  who,
} from './support/cluster-net.ts';

const on = (host: string): string => `deploy: { placement: { constraints: ["node.hostname==${host}"] } }`;
const shop = `
services:
  db:
    ${web.trim()}
    container_name: treasure
    hostname: vaulthost
    expose: ["80"]
    networks: { back: { aliases: [database] } }
    ${on('w1')}
  api:
    ${web.trim()}
    networks: { back: { aliases: [gateway] } }
    deploy: { replicas: 3, placement: { max_replicas_per_node: 1 } }
  ring:
    ${web.trim()}
    networks: { back: { aliases: [circle] } }
    deploy: { mode: global, endpoint_mode: dnsrr }
  sticky:
    ${web.trim()}
    networks: [back]
    x-tso-affinity: true
    deploy: { mode: global }
  client:
    image: busybox:1
    stop_signal: SIGKILL
    links: ["db:sql", "api"]
    networks: [back]
    deploy: { mode: global }
  stranger: { image: "busybox:1", stop_signal: SIGKILL, networks: [back], ${on('w2')} }
networks: { back: {} }
`;
const guest = `
services:
  db:
    ${web.trim()}
    networks: [shop]
    ${on('m1')}
  job: { image: "busybox:1", stop_signal: SIGKILL, networks: [shop], external_links: ["db.shop:sql"], ${on('w2')} }
networks: { shop: { external: true, name: shop_back } }
`;

const cluster = await ClusterLab.start({ managers: 1, workers: 2 });
const manager = cluster.host('m1');
const programs = new Programs();
/** What the resolver outside says of every name: what is not known here. */
const elsewhere = ['203.0.113.9'];
test.before(async () => {
  await programs.outside(cluster, 'resolver', cluster.lab.wires.gateway, elsewhere.join());
  await cluster.up('shop', shop);
  await known(cluster, 'shop');
});
test.after.always(async () => {
  await programs.end();
  await cluster.destroy();
});

const clients = () => containers(cluster, 'shop', 'client');
const addressesOf = async (service: string): Promise<readonly string[]> =>
  (await network(manager, 'shop_back')).endpoints
    .filter((one) => one.service === service)
    .map(({ address }) => address)
    .sort();
const addressOf = async (of: Container): Promise<string> => (await interfaceOn(of, beginOf(await network(manager, 'shop_back')))).address;
const pick = (lines: readonly string[]) => lines.map((line) => line.split(' ')[0]);
const hostnames = async (service: string) => (await containers(cluster, 'shop', service)).map(({ hostname }) => hostname).sort();

test.serial('on every host a service is known by its name, its aliases and its stack, all with one address that no task has', async (t) => {
  const endpoints = (await network(manager, 'shop_back')).endpoints.map(({ address }) => address);
  for (const [service, names] of [
    ['api', ['api', 'gateway', 'api.shop', 'shop_api', 'api.shop_back', 'API']],
    ['db', ['db', 'database', 'db.shop', 'shop_db']],
  ] as const) {
    const [first] = await clients();
    const vip = first === undefined ? [] : await resolved(first, service);
    t.is(vip.length, 1);
    t.false(endpoints.includes(vip[0] ?? ''), 'no task has it');
    for (const from of await clients())
      for (const name of names) t.deepEqual(await resolved(from, name), vip, `${name} on ${from.host.name}`);
  }
});

test.serial('on every host tasks are known by tasks.SERVICE, tasks.ALIAS, container name and host name', async (t) => {
  const apis = await addressesOf('api');
  t.is(apis.length, 3);
  const db = await addressesOf('db');
  const [task] = await containers(cluster, 'shop', 'api');
  const own = task === undefined ? '' : await addressOf(task);
  for (const from of await clients()) {
    for (const name of ['tasks.api', 'tasks.gateway']) t.deepEqual(await resolved(from, name), apis, name);
    for (const name of ['tasks.db', 'treasure', 'vaulthost']) t.deepEqual(await resolved(from, name), db, name);
    t.deepEqual(await resolved(from, `shop-api-${task?.slot}`), [own]);
    t.deepEqual(await resolved(from, task?.hostname ?? ''), [own], 'what hostname prints in it');
    t.regex(said(await inside(from, 'getent', 'hosts', db[0] ?? '')), /\b(treasure|vaulthost)\b/, 'and back');
    t.deepEqual(await resolved(from, 'shop-api-9'), elsewhere);
  }
});

test.serial('connections to a virtual address are spread over all hosts, and each server sees the client itself', async (t) => {
  const names = await hostnames('api');
  for (const from of await clients()) {
    const own = await addressOf(from);
    t.deepEqual(
      await asked(from, `http://api${who}`, 40),
      names.map((name) => `${name} ${own}`),
      from.host.name,
    );
  }
  // A server asks its own service: itself, too.
  const [self] = await containers(cluster, 'shop', 'api');
  if (self !== undefined) t.deepEqual(pick(await asked(self, `http://api${who}`, 40)), names);
});

test.serial('with dnsrr a name has the addresses of all tasks, and clients choose', async (t) => {
  const addresses = await addressesOf('ring');
  t.is(addresses.length, 3);
  for (const from of await clients()) {
    for (const name of ['ring', 'circle', 'tasks.ring']) t.deepEqual(await resolved(from, name), addresses, name);
    // Each of these is a client of its own, which asks for the name anew.
    const seen = new Set<string>();
    for (let count = 0; count < 12; count += 1) seen.add(await fetched(from, `http://ring${who}`));
    t.is(seen.size, 3, [...seen].join());
  }
});

test.serial('with affinity each client stays with one task', async (t) => {
  const names = await hostnames('sticky');
  for (const from of await clients()) {
    const first = await asked(from, `http://sticky${who}`, 20);
    t.is(first.length, 1, first.join());
    t.true(names.includes(first[0]?.split(' ')[0] ?? ''));
    t.deepEqual(await asked(from, `http://sticky${who}`, 20), first);
  }
});

test.serial('a link is a name for who has it, on any host, with its variables; nobody else knows it', async (t) => {
  const vip = await resolved(await container(cluster, 'shop', 'stranger'), 'db');
  for (const from of await clients()) {
    t.deepEqual(await resolved(from, 'sql'), vip);
    t.deepEqual(pick(await asked(from, `http://sql${who}`, 3)), ['vaulthost']);
    const variables = distinct(await manager.tsoOk(['exec', '-p', 'shop', from.taskId, 'env'])).filter((line) => line.startsWith('SQL_'));
    t.true(variables.includes(`SQL_PORT_80_TCP_ADDR=${vip[0]}`), variables.join('\n'));
    t.true(variables.includes(`SQL_PORT=tcp://${vip[0]}:80`));
    t.true(variables.includes('SQL_PORT_80_TCP_PORT=80') && variables.includes('SQL_PORT_80_TCP_PROTO=tcp'));
    t.true(variables.some((line) => line.startsWith('SQL_NAME=')));
  }
  t.deepEqual(await resolved(await container(cluster, 'shop', 'stranger'), 'sql'), elsewhere);
  t.notRegex(await manager.tsoOk(['exec', '-p', 'shop', 'stranger', 'env']), /SQL_/);
});

test.serial('nobody changed anything, and no agent thinks so', async (t) => {
  t.deepEqual(await mended(cluster), []);
});

test.serial('another stack on the network has its own service by the short name, and ours by its stack or a link', async (t) => {
  await cluster.up('guest', guest, manager);
  await known(cluster, 'guest');
  const [job, own] = [await container(cluster, 'guest', 'job'), await container(cluster, 'guest', 'db')];
  t.deepEqual(pick(await asked(job, `http://db${who}`, 3)), [own.hostname]);
  for (const name of ['db.shop', 'sql', 'shop_db']) t.deepEqual(pick(await asked(job, `http://${name}${who}`, 3)), ['vaulthost'], name);
  for (const from of await clients()) {
    t.deepEqual(pick(await asked(from, `http://db${who}`, 3)), ['vaulthost']);
    t.deepEqual(pick(await asked(from, `http://db.guest${who}`, 3)), [own.hostname]);
  }
  const down = await manager.tso(['down', '-p', 'shop']);
  t.is(down.code, 0, down.stderr);
  t.regex(down.stderr, /Network shop_back stays for stack guest\./);
  await manager.tsoOk(['down', '-p', 'guest']);
});
