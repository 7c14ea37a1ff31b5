// Published ports over three hosts, two of which have a task: who answers where, whom the task sees, and what is left afterwards.
import test from 'ava';
import { ClusterLab } from './hosts/cluster-lab.ts';
import { asked, containers, distinct, known, mended, network, Programs, said, toolIn, web, who } from './support/cluster-net.ts';
import { command } from './support/command.ts';
import { eventually } from './support/eventually.ts';
import type { LabHost } from './support/lab-host.ts';

const stack = `
services:
  page:
    ${web.trim()}
    deploy: { replicas: 2, placement: { constraints: ["node.role==worker"], max_replicas_per_node: 1 } }
    ports:
      - "8080:80"
      - "5353:7000/udp"
      - "6000-6003:6000-6003"
      - "127.0.0.1:8090:80"
      - { target: 80, published: "8081", x-tso-ingress: local }
      - { target: 80, published: "8082", mode: host }
      - { target: 7000, published: "5354", protocol: udp, mode: host }
  client: { image: "busybox:1", stop_signal: SIGKILL, deploy: { mode: global } }
`;

const cluster = await ClusterLab.start({ managers: 1, workers: 2 });
const programs = new Programs();
const manager = cluster.host('m1');
const outside = cluster.lab.wires.gateway;
test.before(async () => {
  await cluster.up('shop', stack);
  await known(cluster, 'shop');
});
test.after.always(async () => {
  await programs.end();
  await cluster.destroy();
});

const curl = ['-sS', '--connect-timeout', '5', '--max-time', '20'];
const refused = /Connection refused|Couldn't connect|Could not connect/i;
/** Who answered whom, of several connections from outside of all hosts. */
const fromOutside = async (host: LabHost, port: number, times = 24): Promise<readonly string[]> => {
  const outcome = await command('nsenter', [
    `--net=${cluster.lab.wires.pin}`,
    '--',
    'curl',
    ...curl,
    `http://${host.address}:${port}${who}?[1-${times}]`,
  ]);
  return distinct(said(outcome));
};
const onHost = async (host: LabHost, address: string, port: number, times = 24): Promise<readonly string[]> =>
  distinct(said(await host.exec('curl', [...curl, `http://${address}:${port}${who}?[1-${times}]`])));
const pages = () => containers(cluster, 'shop', 'page');
const names = (lines: readonly string[]) => [...new Set(lines.map((line) => line.split(' ')[0]))].sort();

/** The address by which a host sends to tasks elsewhere. */
const ingressAddress = async (host: LabHost): Promise<string> => {
  const { subnet } = await network(manager, 'ingress');
  const links = JSON.parse(await host.run('ip', ['-json', 'address'])) as readonly {
    ifname: string;
    addr_info: readonly { family: string; local: string }[];
  }[];
  const own = links
    .filter(({ ifname }) => ifname.startsWith('tsoh'))
    .flatMap(({ addr_info }) => addr_info.filter(({ family }) => family === 'inet'));
  if (own.length !== 1 || subnet === '') throw new Error(`${host.name} has ${own.length} addresses of its own on ${subnet}`);
  return own[0]?.local ?? '';
};

test.serial('every host answers, whether it has a task or not; a task of that host sees the client, another one the host', async (t) => {
  for (const host of cluster.members) {
    const via = await ingressAddress(host);
    t.deepEqual(
      await fromOutside(host, 8080),
      (await pages()).map((page) => `${page.hostname} ${page.host === host ? outside : via}`).sort(),
      host.name,
    );
  }
});

test.serial('every host answers at its localhost and its own address, and containers are answered by every host', async (t) => {
  const all = (await pages()).map(({ hostname }) => hostname).sort();
  for (const host of cluster.members) {
    for (const address of ['localhost', '127.0.0.1', host.address])
      t.deepEqual(names(await onHost(host, address, 8080)), all, `${host.name} ${address}`);
    t.deepEqual(names(await onHost(host, '127.0.0.1', 8090)), all, host.name);
    t.regex((await fromOutside(host, 8090, 1)).join(), refused, 'only there');
  }
  for (const from of [...(await containers(cluster, 'shop', 'client')), ...(await pages())])
    for (const host of cluster.members)
      t.deepEqual(names(await asked(from, `http://${host.address}:8080${who}`, 24)), all, `${from.service} on ${from.host.name}`);
});

test.serial('a local port is answered only where a task is, which sees the client', async (t) => {
  for (const page of await pages()) {
    t.deepEqual(await fromOutside(page.host, 8081, 8), [`${page.hostname} ${outside}`]);
    t.deepEqual(names(await onHost(page.host, '127.0.0.1', 8081, 4)), [page.hostname]);
  }
  t.regex((await fromOutside(manager, 8081, 1)).join(), refused);
  t.regex((await onHost(manager, '127.0.0.1', 8081, 1)).join(), refused);
});

test.serial('a port with mode host is the task on that host and nobody else', async (t) => {
  for (const page of await pages()) {
    t.deepEqual(await fromOutside(page.host, 8082, 8), [`${page.hostname} ${outside}`]);
    t.deepEqual(names(await onHost(page.host, '127.0.0.1', 8082, 4)), [page.hostname]);
  }
  t.regex((await fromOutside(manager, 8082, 1)).join(), refused);
});

test.serial('UDP, and every port of a range, is answered by every host', async (t) => {
  const all = (await pages()).map(({ hostname }) => hostname).sort();
  for (const page of await pages())
    for (const port of ['7000', '6000', '6001', '6002', '6003']) await programs.tool(page, 'serve', page.hostname, port);
  const tool = new URL('./support/net-tool.ts', import.meta.url).pathname;
  const ask = async (host: LabHost, port: number, protocol: string, times: number) =>
    distinct(
      said(
        await command('nsenter', [
          `--net=${cluster.lab.wires.pin}`,
          '--',
          process.execPath,
          tool,
          'ask',
          host.address,
          String(port),
          protocol,
          String(times),
        ]),
      ),
    );
  for (const host of cluster.members) {
    const via = await ingressAddress(host);
    t.deepEqual(
      await ask(host, 5353, 'udp', 24),
      (await pages()).map((page) => `${page.hostname} ${page.host === host ? outside : via}`).sort(),
      host.name,
    );
    t.deepEqual(names(distinct(said(await host.exec(process.execPath, [tool, 'ask', '127.0.0.1', '5353', 'udp', '24'])))), all, host.name);
    for (const port of [6000, 6001, 6002, 6003]) t.deepEqual(names(await ask(host, port, 'tcp', 16)), all, `${host.name} ${port}`);
  }
  for (const page of await pages()) t.deepEqual(await ask(page.host, 5354, 'udp', 4), [`${page.hostname} ${outside}`]);
  const [from] = await containers(cluster, 'shop', 'client');
  if (from !== undefined) t.deepEqual(names(distinct(await toolIn(from, 'ask', cluster.host('w2').address, '5353', 'udp', '24'))), all);
});

test.serial('tso port shows where a task and every host is reached, and all of that is answered', async (t) => {
  const one = (await manager.tsoOk(['port', '-p', 'shop', 'page', '80'])).trim().split('\n');
  t.true(
    one.some((line) => line.endsWith(':8080')),
    one.join(),
  );
  const rows = JSON.parse(await manager.tsoOk(['port', '-p', 'shop', '--all', 'page', '80', '--format', 'json'])) as readonly {
    readonly node: string;
    readonly address: string;
    readonly port: number;
  }[];
  const shown = (port: number) =>
    rows
      .filter((row) => row.port === port)
      .map(({ node }) => node)
      .sort();
  t.deepEqual(
    [shown(8080), shown(8081), shown(8082)],
    [
      ['m1', 'w1', 'w2'],
      ['w1', 'w2'],
      ['w1', 'w2'],
    ],
  );
  for (const { node, port } of rows.filter((row) => row.port !== 8090))
    t.not((await fromOutside(cluster.host(node), port, 1)).join().match(refused), [], `${node}:${port}`);
});

test.serial('a port that another service has is refused by its name, before anything is changed', async (t) => {
  const second = await manager.up('late', `services: { web: { image: "busybox:1", ports: ["8080:80"] } }\n`);
  t.not(second.code, 0);
  t.regex(second.stderr, /8080.*(shop_page|page.*shop)/s);
  t.false((await manager.tsoOk(['ls', '--format', 'json'])).includes('late'));
});

test.serial('nobody changed anything, and no agent thinks so', async (t) => {
  t.deepEqual(await mended(cluster), []);
});

test.serial('after tso down nobody answers, and only the network of published ports is left', async (t) => {
  await programs.end();
  await manager.tsoOk(['down', '-p', 'shop']);
  const { vni } = await network(manager, 'ingress');
  const ingress = vni.toString(36);
  for (const host of cluster.members) {
    await eventually(`only the network ingress is left on ${host.name}`, async () => {
      const left = (await host.leftovers()).filter((line) => !new RegExp(`^device tso[xgh]......${ingress}$`).test(line));
      if (left.length > 0) throw new Error(left.join(', '));
      return true;
    });
    for (const port of [8080, 8081, 8082]) t.regex((await fromOutside(host, port, 1)).join(), refused, `${host.name}:${port}`);
  }
  t.deepEqual(
    (JSON.parse(await manager.tsoOk(['network', 'ls', '--format', 'json'])) as readonly { readonly name: string }[]).map(
      ({ name }) => name,
    ),
    ['ingress'],
  );
});
