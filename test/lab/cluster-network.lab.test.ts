// Networks over three hosts, made by compose files: addresses, sizes, families, drivers, and what crosses the wire between the hosts.
import test from 'ava';
import { ClusterLab } from './hosts/cluster-lab.ts';
import { Capture } from './support/capture.ts';
import {
  asked,
  beginOf,
  type Container,
  container,
  containers,
  fetched,
  inside,
  interfaceOn,
  interfaces,
  known,
  mended,
  network,
  noAnswer,
  Programs,
  packetFrom,
  resolved,
  said,
  web,
  who,
} from './support/cluster-net.ts';

/** All over the cluster: a task on each host. */
const wide = `
services:
  app:
    ${web.trim()}
    networks: [front, six]
    deploy: { mode: global }
  pair:
    ${web.trim()}
    networks: [narrow]
    deploy: { replicas: 2, placement: { constraints: ["node.role==worker"], max_replicas_per_node: 1 } }
networks:
  front: {}
  narrow: {}
  six: { enable_ipv6: true }
`;

const cluster = await ClusterLab.start({ managers: 1, workers: 2 });
const programs = new Programs();
const manager = cluster.host('m1');
test.before(async () => {
  await cluster.up('wide', wide);
  await known(cluster, 'wide');
});
test.after.always(async () => {
  await programs.end();
  await cluster.destroy();
});

const apps = (): Promise<readonly Container[]> => containers(cluster, 'wide', 'app');
const ethernet = 14;
const wireMtu = 1_500;
const mtu = 1_450;

interface Device {
  readonly ifname: string;
  readonly link?: string;
  readonly address: string;
  readonly linkinfo?: {
    readonly info_kind: string;
    readonly info_data?: { readonly id?: number; readonly learning?: boolean; readonly proxy?: boolean };
  };
  readonly addr_info?: readonly { readonly family: string; readonly local: string }[];
}

test.serial('each host is told by the manager where each task is, and has the same gateway', async (t) => {
  const { vni, endpoints, gateway, subnet } = await network(manager, 'wide_front');
  t.is(endpoints.length, 3);
  const gateways: string[] = [];
  for (const host of cluster.members) {
    const links = JSON.parse(await host.run('ip', ['-json', '-details', 'address'])) as readonly Device[];
    const vxlan = links.find(({ linkinfo }) => linkinfo?.info_kind === 'vxlan' && linkinfo.info_data?.id === vni);
    t.like(vxlan?.linkinfo?.info_data, { learning: false, proxy: true }, host.name);
    const elsewhere = endpoints.filter(({ node }) => node !== host.name);
    const forwarding = JSON.parse(await host.run('bridge', ['-json', 'fdb', 'show', 'dev', vxlan?.ifname ?? ''])) as readonly {
      mac: string;
      dst?: string;
    }[];
    t.deepEqual(
      forwarding
        .filter(({ dst }) => dst !== undefined)
        .map(({ mac, dst }) => `${mac} ${dst}`)
        .sort(),
      elsewhere.map(({ mac, node }) => `${mac} ${cluster.host(node).address}`).sort(),
      host.name,
    );
    const neighbours = JSON.parse(await host.run('ip', ['-json', 'neigh', 'show', 'dev', vxlan?.ifname ?? ''])) as readonly {
      dst: string;
      lladdr?: string;
      state: readonly string[];
    }[];
    t.deepEqual(
      neighbours.map(({ dst, lladdr, state }) => `${dst} ${lladdr} ${state}`).sort(),
      elsewhere.map(({ mac, address }) => `${address} ${mac} PERMANENT`).sort(),
      host.name,
    );
    const own = links.filter(({ link, linkinfo }) => link === vxlan?.ifname && linkinfo?.info_kind === 'macvlan');
    gateways.push(
      own
        .map(({ address, addr_info: all = [] }) => `${address} ${all.filter(({ family }) => family === 'inet').map(({ local }) => local)}`)
        .join(),
    );
  }
  t.is(new Set(gateways).size, 1, gateways.join('\n'));
  t.true(gateways[0]?.endsWith(` ${gateway}`), gateways[0]);
  t.true(subnet.endsWith('/24'));
});

test.serial('a host without a task on a network has nothing of it', async (t) => {
  const { vni } = await network(manager, 'wide_narrow');
  const has = await Promise.all(
    cluster.members.map(async (host) => {
      const links = JSON.parse(await host.run('ip', ['-json', '-details', 'link'])) as readonly Device[];
      return links.some(({ linkinfo }) => linkinfo?.info_data?.id === vni);
    }),
  );
  t.deepEqual(has, [false, true, true]);
});

test.serial('each task reaches each by its address, which sees the client as it is', async (t) => {
  const { endpoints } = await network(manager, 'wide_front');
  const all = await apps();
  t.deepEqual(
    all.map(({ host }) => host.name),
    ['m1', 'w1', 'w2'],
  );
  for (const from of all) {
    const own = endpoints.find(({ node }) => node === from.host.name)?.address;
    for (const to of all) {
      const address = endpoints.find(({ node }) => node === to.host.name)?.address;
      t.deepEqual(await asked(from, `http://${address}${who}`, 1), [`${to.hostname} ${own}`]);
    }
  }
});

test.serial('64 KiB and more, and packets of the full size, cross the wire whole and in no fragment', async (t) => {
  // Without it the cables of this lab carry 64 KiB at once, which no real one does.
  for (const host of cluster.members) await host.run('ip', ['link', 'set', 'eth0', 'gso_max_segs', '1']);
  const [from, to] = [await container(cluster, 'wide', 'app', 'w1'), await container(cluster, 'wide', 'app', 'w2')];
  const begin = beginOf(await network(manager, 'wide_front'));
  const { address, mtu: size } = await interfaceOn(to, begin);
  t.is(size, mtu);
  await programs.echo(to, 7_100);
  const capture = await Capture.begin(cluster.lab);
  for (const file of ['block', 'large']) {
    const sum = said(await inside(to, 'sha256sum', `/www/${file}`)).split(' ')[0];
    t.is(said(await inside(from, 'sh', '-c', `curl -sS --max-time 20 http://${address}/${file} | sha256sum`)).split(' ')[0], sum, file);
  }
  t.is(await packetFrom(from, 'ping', address, mtu - 28), String(mtu - 28));
  t.is(await packetFrom(from, 'ping', address, mtu - 27), 'too large');
  t.is(await packetFrom(from, 'udp', address, 7_100, mtu - 28), String(mtu - 28));
  t.is(await packetFrom(from, 'udp', address, 7_100, mtu - 27), 'too large');
  // The largest that there is: put into fragments inside of the network, each of which fits.
  t.is(await packetFrom(from, 'any', address, 7_100, 65_507), '65507');
  const wire = await capture.end();
  t.true((await wire.vxlan()).length > 5_000);
  t.deepEqual(await wire.fragments(), []);
  t.is(await wire.largest(), wireMtu + ethernet);
  for (const host of cluster.members) await host.run('ip', ['link', 'set', 'eth0', 'gso_max_segs', '65535']);
  await programs.end();
});

test.serial('nothing is asked of the wire: no ARP, no flood, no name, no unknown address', async (t) => {
  const { endpoints, gateway, vni } = await network(manager, 'wide_front');
  const begin = gateway.slice(0, gateway.lastIndexOf('.') + 1);
  const [from, to] = [await container(cluster, 'wide', 'app', 'w1'), await container(cluster, 'wide', 'app', 'w2')];
  const address = endpoints.find(({ node }) => node === 'w2')?.address ?? '';

  const capture = await Capture.begin(cluster.lab);
  t.deepEqual(await resolved(from, 'tasks.app'), endpoints.map((endpoint) => endpoint.address).sort());
  t.is((await resolved(from, 'app')).length, 1);
  t.deepEqual(await resolved(from, to.hostname), [address]);
  for (const unknown of [`${begin}250`, `${begin}255`, '255.255.255.255', '224.0.0.251', 'ff02::1%eth0', 'ff02::2%eth1'])
    await inside(from, 'ping', '-c', '2', '-i', '0.1', '-W', '1', unknown);
  t.regex(await fetched(from, `http://${begin}251/`, '--connect-timeout', '1'), noAnswer);
  const quiet = await capture.end();
  t.deepEqual(await quiet.vxlan(), [], 'all of that stayed on the host');
  const second = await Capture.begin(cluster.lab);
  t.is((await asked(from, `http://${address}${who}`, 3)).length, 1);
  const wire = await second.end();
  const frames = await wire.vxlan();
  t.true(frames.length > 10, frames.join('\n'));
  // Between these two hosts and nobody else, of this network, from MAC to MAC.
  const hosts = [cluster.host('w1').address, cluster.host('w2').address];
  t.deepEqual(
    frames.filter((line) => !hosts.every((host) => line.includes(`${host}.`)) || !line.includes(`vni ${vni}`)),
    [],
  );
  t.deepEqual(
    frames.filter((line) => /ff:ff:ff:ff:ff:ff|33:33:|ARP|ICMP6/.test(line)),
    [],
  );
});

test.serial('with enable_ipv6 there are addresses, names and virtual addresses of both families, across hosts', async (t) => {
  const { endpoints, subnet6 } = await network(manager, 'wide_six');
  t.regex(subnet6, /^f[cd].*\/64$/);
  const [from, to] = [await container(cluster, 'wide', 'app', 'w1'), await container(cluster, 'wide', 'app', 'm1')];
  const own = endpoints.find(({ node }) => node === 'w1')?.address6 ?? '';
  const other = endpoints.find(({ node }) => node === 'm1')?.address6 ?? '';
  t.true((await interfaces(from)).some(({ address6 }) => address6 === own));
  t.deepEqual(await asked(from, `http://[${other}]${who}`, 1), [`${to.hostname} ${own}`]);
  t.deepEqual(await resolved(from, 'tasks.app', 6), endpoints.map(({ address6 }) => address6).sort());
  const [vip6, ...more] = await resolved(from, 'app', 6);
  t.deepEqual(more, []);
  t.false(endpoints.some(({ address6 }) => address6 === vip6));
  t.deepEqual(await asked(from, `http://app${who}`, 24, '-6'), (await apps()).map(({ hostname }) => `${hostname} ${own}`).sort());
  t.is(await packetFrom(from, 'ping', other, mtu - 48), String(mtu - 48));
  t.is(await packetFrom(from, 'ping', other, mtu - 47), 'too large');
});

test.serial('nobody changed anything, and no agent thinks so', async (t) => {
  t.deepEqual(await mended(cluster), []);
});
