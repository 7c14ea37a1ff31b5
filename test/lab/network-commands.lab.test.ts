// What docs/network.md types, on one host with real containers: networks made by hand and by stacks, names across stacks, shared namespaces.
import test from 'ava';
import { eventually } from './support/eventually.ts';
import { answersAt } from './support/healthcheck.ts';
import { oneHost } from './support/one-host.ts';

const shop = `
services:
  web:
    image: busybox:1
    command: ["/bin/sh", "-c", "mkdir -p /www && hostname > /www/index.html && exec httpd -f -p 80 -h /www"]
    ${answersAt()}
    ports: ["8080:80", "8000-8010:80"]
    networks: [front, back]
    links: ["db:sql"]
    stop_grace_period: 500ms
    deploy: { replicas: 2 }
  db:
    image: busybox:1
    command: ["/bin/sh", "-c", "mkdir -p /www && echo stored > /www/index.html && exec httpd -f -p 5432 -h /www"]
    ${answersAt(5432)}
    expose: [5432]
    stop_grace_period: 500ms
    networks: { back: { aliases: [database], ipv4_address: 10.20.0.5 } }
  side:
    image: busybox:1
    command: ["/bin/sh", "-c", "mkdir -p /www && echo beside > /www/index.html && exec httpd -f -p 5433 -h /www"]
    ${answersAt(5433)}
    stop_grace_period: 500ms
    network_mode: service:db
  tool: { image: busybox:1, network_mode: host, stop_grace_period: 500ms }
  batch: { image: busybox:1, network_mode: none, stop_grace_period: 500ms }
networks:
  front: {}
  back:
    internal: true
    ipam: { config: [{ subnet: 10.20.0.0/24, ip_range: 10.20.0.128/25, aux_addresses: { nas: 10.20.0.130 } }] }
`;
const report = `
services:
  job:
    image: busybox:1
    stop_grace_period: 500ms
    networks: [shop, shared]
    external_links: ["db.shop:sql"]
networks:
  shop: { external: true, name: shop_back }
  shared: { external: true }
`;

const { host } = await oneHost();

interface NetworkDocument {
  readonly name: string;
  readonly subnet: string;
  readonly addresses: { readonly used: number; readonly total: number };
  readonly services: readonly string[];
  readonly endpoints: readonly { readonly service: string; readonly address: string; readonly serving: boolean }[];
}

const inspect = async (...networks: readonly string[]): Promise<readonly NetworkDocument[]> =>
  JSON.parse(await host.tsoOk(['network', 'inspect', '--format', 'json', ...networks])) as readonly NetworkDocument[];
const fetched = (stack: string, service: string, url: string): Promise<string> =>
  host.tsoOk(['exec', '-p', stack, service, 'curl', '-sS', '--max-time', '30', url]);

test.serial('a network is made by hand, listed, and refused a second time', async (t) => {
  const id = (await host.tsoOk(['network', 'create', '--subnet', '10.30.0.0/20', '--label', 'team=data', 'shared'])).trim();
  t.regex(id, /^[0-9a-z]{25}$/);
  t.is(await host.tsoOk(['network', 'ls', '-q', '--filter', 'label=team=data']), `${id}\n`);
  t.is((await host.tso(['network', 'create', 'shared'])).code, 5);
  t.is((await host.tso(['network', 'create', '--subnet', '10.30.1.0/24', 'other'])).code, 5);
});

test.serial('services have the addresses, names and links that their file says', async (t) => {
  await host.upOk('shop', shop);
  t.is(await fetched('shop', 'web', 'http://db:5432/'), 'stored\n');
  t.is(await fetched('shop', 'web', 'http://database:5432/'), 'stored\n');
  t.is(await fetched('shop', 'web', 'http://sql:5432/'), 'stored\n');
  t.is((await host.tsoOk(['exec', '-p', 'shop', 'web', 'getent', 'hosts', 'tasks.db'])).split(/\s+/)[0], '10.20.0.5');
  t.regex(await host.tsoOk(['exec', '-p', 'shop', 'web', 'env']), /^SQL_PORT_5432_TCP_PORT=5432$/m);
  t.not((await host.tso(['exec', '-p', 'shop', 'db', 'getent', 'hosts', 'sql'])).code, 0, 'a link is for who has it');
  const [back] = await inspect('shop_back');
  t.deepEqual(back?.services, ['shop_db', 'shop_web']);
  t.like(
    back?.endpoints.find(({ service }) => service === 'db'),
    { address: '10.20.0.5', serving: true },
  );
  t.true(back?.endpoints.every(({ service, address }) => service === 'db' || Number(address.split('.')[3]) > 130));
});

test.serial('a shared namespace has the network of its owner; host and none have what they say', async (t) => {
  t.is(await fetched('shop', 'web', 'http://db:5433/'), 'beside\n');
  t.is(await fetched('shop', 'side', 'http://127.0.0.1:5432/'), 'stored\n');
  const links = (service: string) => host.tsoOk(['exec', '-p', 'shop', service, 'ls', '/sys/class/net']);
  t.is((await links('batch')).trim(), 'lo');
  t.true((await links('tool')).split('\n').length > 2);
});

test.serial('ports are shown with every host that answers, and one of a range answers too', async (t) => {
  const rows = JSON.parse(await host.tsoOk(['port', '-p', 'shop', '--all', 'web', '80', '--format', 'json'])) as readonly {
    readonly address: string;
    readonly port: number;
  }[];
  t.deepEqual(
    rows.map(({ port }) => port),
    [8000, 8080],
  );
  // Of a single host the cluster knows no address.
  for (const { address, port } of rows) {
    const url = `http://${address === '0.0.0.0' ? host.address : address}:${port}/`;
    t.truthy(await host.client('/usr/bin/curl', ['-sS', '--max-time', '30', url]), url);
  }
});

test.serial('another stack on the network calls the service by its stack, and by its external link', async (t) => {
  await host.upOk('report', report);
  t.is(await fetched('report', 'job', 'http://db.shop:5432/'), 'stored\n');
  t.is(await fetched('report', 'job', 'http://sql:5432/'), 'stored\n');
});

test.serial('what others use is not removed: neither by network rm nor by down', async (t) => {
  const refused = await host.tso(['network', 'rm', 'shared']);
  t.is(refused.code, 1);
  t.regex(refused.stderr, /in use by service report_job/);
  const down = await host.tso(['down', '-p', 'shop']);
  t.is(down.code, 0, down.stderr);
  t.regex(down.stderr, /Network shop_back stays for stack report\./);
  await host.tsoOk(['down', '-p', 'report']);
  t.is(await host.tsoOk(['network', 'rm', 'shared', 'shop_back']), 'shared\nshop_back\n');
});

test.serial('an encrypted network is for hosts with WireGuard, and nothing runs in the clear instead', async (t) => {
  const yaml =
    'services: { web: { image: "busybox:1", networks: [safe], stop_grace_period: 500ms } }\nnetworks: { safe: { driver_opts: { encrypted: "true" } } }\n';
  const [node] = JSON.parse(await host.tsoOk(['node', 'inspect', 'self', '--format', 'json'])) as readonly {
    readonly encryption: boolean;
  }[];
  const up = await host.up('safe', yaml, ['--timeout', '5']);
  t.is(up.code, node?.encryption === true ? 0 : 3, up.stderr);
  if (node?.encryption !== true) {
    const task = await eventually('the task says why', async () => (await host.ps('-a', '-p', 'safe')).find(({ error }) => error !== ''));
    t.regex(task.error, /WireGuard/);
    t.not(task.state, 'running');
  }
  t.regex(await host.tsoOk(['network', 'ls', '--filter', 'name=safe']), /encrypted/);
  await host.tsoOk(['down', '-p', 'safe']);
});

test.serial('events tell of networks', async (t) => {
  const text = await host.tsoOk(['events', '--since', '10m', '--until', '0s', '--filter', 'kind=network']);
  t.regex(text, /network create shared/);
  t.regex(text, /network remove shop_back/);
});
