import { emptyNetworkSpec, type NetworkSpec, TsoError } from '@tso/proto';
import test from 'ava';
import type { FakeDaemonOptions } from './testing/fake-daemon.ts';
import { aNetwork } from './testing/networks.ts';
import { runWith } from './testing/run-with.ts';

const endpoint = {
  taskId: 'web-task-1',
  service: 'web',
  stack: 'visits',
  slot: 1,
  node: 'host-a',
  address: '10.128.1.2',
  address6: '',
  mac: '02:42:0a:80:01:02',
  serving: true,
};
const front = aNetwork('visits_default');
const shared = aNetwork(
  'shared',
  { stack: '', spec: { ...emptyNetworkSpec, name: 'shared', driver: 'bridge', attachable: true } },
  { services: [], tasks: 0 },
);

interface Cluster extends FakeDaemonOptions {
  readonly created: NetworkSpec[];
  readonly removed: string[];
}

const cluster = (): Cluster => {
  const created: NetworkSpec[] = [];
  const removed: string[] = [];
  return {
    created,
    removed,
    control: {
      listNetworks: async () => ({ networks: [shared, front], version: 3 }),
      getNetwork: async ({ network: ref }) => {
        const found = [front, shared].find(({ network }) => network.spec.name === ref || network.id.startsWith(ref));
        if (found === undefined)
          throw new TsoError('NOT_FOUND', `there is no network ${ref}`, { hint: 'tso network ls lists the networks' });
        return { ...found, endpoints: found === front ? [endpoint] : [] };
      },
      createNetwork: async ({ spec }) => {
        created.push(spec);
        return { version: 4, network: aNetwork(spec.name, { spec, stack: '' }).network };
      },
      removeNetwork: async ({ network: id }) => {
        if (id === front.network.id)
          throw new TsoError('FAILED_PRECONDITION', 'network visits_default is in use by service visits_web (1 task)', {
            details: { outcome: 'refused' },
          });
        removed.push(id);
        return { version: 5, name: 'shared' };
      },
    },
  };
};

test('network ls shows where addresses come from and how many are left', async (t) => {
  const { code, out } = await runWith(t, cluster(), ['network', 'ls']);
  t.is(code, 0);
  t.is(
    out,
    [
      'ID             NAME             DRIVER    STACK    SUBNET          ADDRESSES   TASKS   OPTIONS',
      'shared000000   shared           bridge             10.128.1.0/24       3/253       0   attachable',
      'visitsdefaul   visits_default   overlay   visits   10.128.1.0/24       3/253       2',
      '',
    ].join('\n'),
  );
  t.is((await runWith(t, cluster(), ['network', 'ls', '-q', '--filter', 'driver=bridge'])).out, `${shared.network.id}\n`);
  t.is((await runWith(t, cluster(), ['network', 'ls', '--filter', 'colour=blue'])).code, 2);
  t.is((await runWith(t, cluster(), ['network', 'ls', '--filter', 'dangling=maybe'])).code, 2);
});

test('network ls --format json has the fields of the contract', async (t) => {
  const { out } = await runWith(t, cluster(), ['network', 'ls', '--format', 'json', '--filter', 'stack=visits']);
  t.deepEqual(JSON.parse(out), [
    {
      id: front.network.id,
      name: 'visits_default',
      stack: 'visits',
      driver: 'overlay',
      subnet: '10.128.1.0/24',
      gateway: '10.128.1.1',
      subnet6: '',
      gateway6: '',
      ipRange: '',
      ipRange6: '',
      reserved: {},
      internal: false,
      attachable: false,
      encrypted: false,
      vni: 4097,
      labels: {},
      driverOpts: {},
      addresses: { used: 3, total: 253 },
      tasks: 2,
      services: ['visits_web'],
      removing: false,
      warning: '',
      createdAt: '2023-11-14T22:13:20.000Z',
      version: 9,
    },
  ]);
});

test('network inspect shows everyone on a network', async (t) => {
  const { out } = await runWith(t, cluster(), ['network', 'inspect', 'visits_default']);
  t.regex(out, /^Id: +visitsdefault0/);
  t.regex(out, /Services: +visits_web/);
  t.regex(out, /STACK +TASK +NODE +ADDRESS +MAC +SERVING\nvisits +web\.1 +host-a +10\.128\.1\.2 +02:42:0a:80:01:02 +yes/);
  const json = JSON.parse((await runWith(t, cluster(), ['network', 'inspect', 'visits_default', 'shared', '--format', 'json'])).out);
  t.deepEqual(
    json.map(({ name, endpoints }: { readonly name: string; readonly endpoints: readonly object[] }) => [name, endpoints]),
    [
      ['visits_default', [endpoint]],
      ['shared', []],
    ],
  );
  t.is((await runWith(t, cluster(), ['network', 'inspect', 'nowhere'])).code, 1);
});

test('network create hands over what was typed, spelt as the cluster does, and prints the id', async (t) => {
  const daemon = cluster();
  const argv = ['network', 'create', '--subnet', '10.20.0.0/16', '--gateway', '10.20.0.1', '--ip-range', '10.20.4.0/22'];
  const more = ['--aux-address', 'nas=10.20.0.9', '--ipv6', '--subnet', 'fd00:20::/64', '--internal', '--attachable', '--label', 'a=b'];
  const opts = ['-o', 'encrypted', '-o', 'com.docker.network.driver.mtu=1400', 'back'];
  const { code, out } = await runWith(t, daemon, [...argv, ...more, ...opts]);
  t.is(code, 0);
  t.is(out, `${aNetwork('back').network.id}\n`);
  t.deepEqual(daemon.created, [
    {
      ...emptyNetworkSpec,
      name: 'back',
      subnet: '10.20.0.0/16',
      gateway: '10.20.0.1',
      ipRange: '10.20.4.0/22',
      reserved: { nas: '10.20.0.9' },
      enableIpv6: true,
      subnet6: 'fd00:20::/64',
      internal: true,
      attachable: true,
      labels: { a: 'b' },
      driverOpts: { encrypted: 'true', mtu: '1400' },
    },
  ]);
  t.is(JSON.parse((await runWith(t, daemon, ['network', 'create', '-d', 'bridge', 'x', '--format', 'json'])).out).driver, 'bridge');
});

test('network create refuses what cannot be before anyone is asked', async (t) => {
  const daemon = cluster();
  const wrong: readonly (readonly string[])[] = [
    ['--subnet', '10.20.0/16'],
    ['--subnet', '10.20.0.0/16', '--subnet', '10.21.0.0/16'],
    ['--subnet', 'fd00::/64'],
    ['--gateway', '10.20.0.1'],
    ['--subnet', '10.20.0.0/24', '--gateway', '10.20.1.1'],
    ['--subnet', '10.20.0.0/24', '--gateway', '10.20.0.255'],
    ['--aux-address', 'nas=here'],
    ['--driver', 'weave'],
  ];
  for (const options of wrong) t.is((await runWith(t, daemon, ['network', 'create', ...options, 'x'])).code, 2, options.join(' '));
  t.deepEqual(daemon.created, []);
});

test('network rm looks all up before it removes one, and prints names', async (t) => {
  const daemon = cluster();
  const missing = await runWith(t, daemon, ['network', 'rm', 'shared', 'nowhere']);
  t.is(missing.code, 1);
  t.deepEqual(daemon.removed, []);
  const { code, out } = await runWith(t, daemon, ['network', 'rm', '--force', 'shared', 'nowhere']);
  t.is(code, 0);
  t.is(out, 'shared\n');
  t.deepEqual(daemon.removed, [shared.network.id]);
  const used = await runWith(t, daemon, ['network', 'rm', 'visits_default']);
  t.is(used.code, 1);
  t.regex(used.err, /in use by service visits_web/);
  t.deepEqual(JSON.parse((await runWith(t, daemon, ['network', 'rm', 'shared', '--format', 'json'])).out), [
    { id: shared.network.id, name: 'shared' },
  ]);
});

test('network is completed like every other command', async (t) => {
  const { out } = await runWith(t, cluster(), ['completion', 'bash']);
  for (const path of ['network', 'network ls', 'network create', 'network inspect', 'network rm'])
    t.true(out.includes(`    "${path}")`), path);
});
