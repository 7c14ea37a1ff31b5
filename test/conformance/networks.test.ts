import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { EndpointMode, PublishMode, type StackSpec } from '@tso/proto';
import test from 'ava';
import { saidOf, specOf } from '../../compose/src/testing/memory-files.ts';
import { nodeNamed } from '../../manager/src/testing/specs.ts';
import { World } from '../../manager/src/testing/world.ts';

/** Files as people write them, through the whole of what reads them and into the plan of a cluster. */

const everything = `
name: shop
services:
  web:
    image: i
    networks: {front: {gw_priority: 1}, back: }
    links: ["db:sql"]
    ports: ["8080:80", "9000-9010:90/udp", {target: 443, published: "8443", x-tso-ingress: local}, {target: 81, published: "8081", mode: host}]
    deploy: {replicas: 3}
    x-tso-affinity: true
    x-tso-drain: 3s
  db: {image: i, expose: [5432], networks: {back: {aliases: [database], ipv4_address: 10.20.0.5, ipv6_address: "fd00:20::5"}}}
  logs: {image: i, network_mode: "service:db"}
  side: {image: i, network_mode: "container:boxed"}
  boxed: {image: i, container_name: boxed, mac_address: 02:42:ac:11:00:02}
  tool: {image: i, network_mode: host}
  batch: {image: i, network_mode: none}
  legacy: {image: i, network_mode: bridge}
  many: {image: i, networks: [front], deploy: {endpoint_mode: dnsrr, replicas: 2}}
  lan: {image: i, networks: [lan]}
networks:
  front: {attachable: true, driver_opts: {mtu: "1400"}}
  back:
    internal: true
    enable_ipv6: true
    ipam: {config: [{subnet: 10.20.0.0/24, gateway: 10.20.0.254, ip_range: 10.20.0.128/25, aux_addresses: {nas: 10.20.0.130}}, {subnet: "fd00:20::/64"}]}
  lan: {driver: macvlan, driver_opts: {parent: eth0}, ipam: {config: [{subnet: 192.168.7.0/24, gateway: 192.168.7.1, ip_range: 192.168.7.64/26}]}}
`;

const started = (spec: StackSpec): World => {
  const world = new World([nodeNamed('alpha'), nodeNamed('beta')]);
  world.up(spec);
  world.run();
  return world;
};

const addressOf = (world: World, task: string, network: string): string => {
  const id = world.tables.networkByName(network)?.id;
  return world.task(task).networks.find(({ networkId }) => networkId === id)?.address ?? '';
};

test('what a file says of networks is accepted by the manager and planned as said', (t) => {
  const world = started(specOf(everything));
  const service = (name: string) => world.tables.services().find(({ spec }) => spec.name === name);
  t.is(addressOf(world, 'db.1', 'shop_back'), '10.20.0.5');
  t.is(world.task('db.1').networks[0]?.address6, 'fd00:20::5');
  t.regex(addressOf(world, 'web.1', 'shop_back'), /^10\.20\.0\.1[2-9]\d$/);
  t.not(addressOf(world, 'web.1', 'ingress'), '');
  t.is(service('web')?.vips.length, 2);
  t.deepEqual([service('many')?.spec.endpointMode, service('many')?.vips], [EndpointMode.DNSRR, []]);
  t.deepEqual(service('lan')?.vips, []);
  t.regex(addressOf(world, 'lan.1', 'shop_lan'), /^192\.168\.7\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7])$/);
  t.deepEqual(
    service('web')?.ports.map(({ published, mode, onlyLocal }) => [published, mode, onlyLocal]),
    [
      [8080, PublishMode.INGRESS, false],
      [9000, PublishMode.INGRESS, false],
      [8443, PublishMode.INGRESS, true],
      [8081, PublishMode.HOST, false],
    ],
  );
  t.is(world.task('logs.1').networkOf, world.task('db.1').id);
  t.is(world.task('logs.1').nodeId, world.task('db.1').nodeId);
  t.is(world.task('side.1').networkOf, world.task('boxed.1').id);
  t.is(world.tables.networkByName('shop_bridge')?.spec.driver, 'bridge');
  for (const alone of ['tool.1', 'batch.1']) t.deepEqual(world.task(alone).networks, []);
  t.is(world.tables.networkByName('shop_lan')?.gateway, '192.168.7.1');
});

test('nothing that a file may say of a network is refused only once it is applied', (t) => {
  let accepted = 0;
  const refusedLater = (network: string): readonly string[] => {
    const file = `name: shop\nservices: {web: {image: i, networks: [net]}}\nnetworks: {net: ${network}}\n`;
    if (saidOf(file).some(({ severity }) => severity === 'error')) return [];
    try {
      started(specOf(file));
      accepted += 1;
      return [];
    } catch (error) {
      return [`${network}: ${error instanceof Error ? error.message : String(error)}`];
    }
  };
  const drivers = ['overlay', 'bridge', 'macvlan', 'host', 'none', 'default', 'ipvlan'];
  const options = [
    '{}',
    '{encrypted: ""}',
    '{encrypted: "true"}',
    '{mtu: 68}',
    '{mtu: 9000}',
    '{parent: eth0}',
    '{com.example: x}',
    '{mine: x}',
  ];
  const configs = [
    ...[
      '[]',
      '[{subnet: 10.20.0.0/24}]',
      '[{subnet: 10.20.0.0/29, gateway: 10.20.0.6}]',
      '[{subnet: 10.20.0.0/30}]',
      '[{gateway: 10.20.0.1}]',
    ],
    ...['[{subnet: 10.20.0.0/24, ip_range: 10.20.0.128/25}]', '[{subnet: 10.20.0.9/24, aux_addresses: {a: 10.20.0.9}}]'],
    ...['[{subnet: "fd00::/64", gateway: "fd00::1"}]', '[{subnet: 10.20.0.0/24}, {subnet: "fd00::/64", aux_addresses: {a: "fd00::9"}}]'],
  ];
  const wishes = drivers.flatMap((driver) =>
    options.flatMap((opts) =>
      configs.flatMap((config) =>
        [false, true].map((six) => `{driver: ${driver}, driver_opts: ${opts}, enable_ipv6: ${six}, ipam: {config: ${config}}}`),
      ),
    ),
  );
  t.deepEqual(wishes.flatMap(refusedLater), []);
  t.true(accepted > 200, `${accepted} of ${wishes.length} were sound`);
});

const guide = readFileSync(join(import.meta.dirname, '../../docs/network.md'), 'utf8');
const yamlBlocks = [...guide.matchAll(/^```yaml\n([\s\S]*?)^```$/gm)].map(([, text = '']) => text);

/** What the guide shows of a file as a whole file: only networks may stand there by themselves. */
const wholeFile = (text: string): string =>
  text.startsWith('networks:') ? `name: guide\nservices: {web: {image: i, networks: [back]}}\n${text}` : text;

test('what the guide shows of compose files is taken without a word', (t) => {
  t.true(yamlBlocks.length >= 4);
  for (const text of yamlBlocks) {
    t.deepEqual(
      saidOf(wholeFile(text)).map(({ code, message }) => `${code} ${message}`),
      [],
      text,
    );
  }
});

test('the stack that the guide begins with is planned', (t) => {
  const world = started(specOf(yamlBlocks[0] ?? ''));
  t.true(world.tables.networkByName('shop_back')?.spec.internal);
  t.not(addressOf(world, 'web.3', 'ingress'), '');
});
