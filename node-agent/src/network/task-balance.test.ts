import { EndpointMode, emptyEndpoint, emptyNetworkAssignment, type NetworkAssignment } from '@tso/proto';
import test from 'ava';
import fc from 'fast-check';
import {
  type Balance,
  type BalancedService,
  balanceChanges,
  balancedNetwork,
  balanceFor,
  balanceText,
  sameService,
} from './task-balance.ts';

const service = (changes: Partial<BalancedService> = {}): BalancedService => ({
  vip: '10.32.1.9',
  vip6: '',
  backends: ['10.32.1.3', '10.32.1.4', '10.32.1.5'],
  backends6: [],
  affinity: false,
  ...changes,
});
const client = { address: '10.32.1.2', address6: '' };
const web = 's_35t_web';

const endpoint = (taskId: string, serviceId: string, host: number, serving = true) => ({
  ...emptyEndpoint,
  taskId,
  serviceId,
  address: `10.32.1.${host}`,
  address6: `fd00::${host}`,
  serving,
});

const network = (changes: Partial<NetworkAssignment> = {}): NetworkAssignment => ({
  ...emptyNetworkAssignment,
  id: 'n1',
  vni: 4097,
  services: [
    {
      serviceId: 'web',
      name: 'web',
      stack: 'shop',
      mode: EndpointMode.VIP,
      vip: '10.32.1.9',
      vip6: 'fd00::9',
      names: [],
      affinity: false,
      ports: [],
    },
    { serviceId: 'rr', name: 'rr', stack: 'shop', mode: EndpointMode.DNSRR, vip: '', vip6: '', names: [], affinity: false, ports: [] },
  ],
  endpoints: [endpoint('a', 'web', 4), endpoint('b', 'web', 3), endpoint('c', 'web', 5, false), endpoint('d', 'rr', 6)],
  ...changes,
});

test('a service with a virtual address has those of its tasks that serve', (t) => {
  t.deepEqual(
    [...balancedNetwork(network())],
    [
      [
        's_35t_web',
        { vip: '10.32.1.9', vip6: 'fd00::9', backends: ['10.32.1.3', '10.32.1.4'], backends6: ['fd00::3', 'fd00::4'], affinity: false },
      ],
    ],
  );
});

test('what is no address or no id never gets into a rule', (t) => {
  const bad = network().services.map((one) => ({ ...one, vip: '1.2.3.4 }; drop' }));
  t.is(balancedNetwork(network({ services: bad })).size, 0);
  const named = network().services.map((one) => ({ ...one, serviceId: 'a b' }));
  t.is(balancedNetwork(network({ services: named })).size, 0);
  const odd = { ...endpoint('x', 'web', 7), address: 'accept', address6: '::1 }' };
  t.deepEqual(balancedNetwork(network({ endpoints: [odd] })).get(web)?.backends, []);
});

test('the ingress network balances nothing by virtual addresses', (t) => {
  t.is(balancedNetwork(network({ ingress: true })).size, 0);
});

test('services are the same when every client gets the same rules', (t) => {
  t.true(sameService(service(), service()));
  t.true(sameService(undefined, undefined));
  t.false(sameService(service(), undefined));
  t.false(sameService(service(), service({ backends: ['10.32.1.3'] })));
  t.false(sameService(service(), service({ affinity: true })));
  t.false(sameService(service(), service({ vip6: 'fd00::1' })));
});

test('without IPv6 of its own a client is told none', (t) => {
  const both = service({ vip6: 'fd00::9', backends6: ['fd00::3'] });
  t.deepEqual(balanceFor(client, both, undefined).targets6, []);
  t.deepEqual(balanceFor({ ...client, address6: 'fd00::2' }, both, undefined).targets6, ['fd00::3']);
});

test('with affinity a client stays with its backend while that serves, whoever comes beside it', (t) => {
  const host = fc.integer({ min: 3, max: 250 }).map((number) => `10.32.1.${number}`);
  fc.assert(
    fc.property(
      host,
      fc.uniqueArray(host, { minLength: 1, maxLength: 9 }),
      fc.uniqueArray(host, { maxLength: 9 }),
      (address, first, more) => {
        const before = balanceFor({ address, address6: '' }, service({ affinity: true, backends: first }), undefined);
        const [chosen] = before.targets;
        t.is(before.targets.length, 1);
        const after = balanceFor({ address, address6: '' }, service({ affinity: true, backends: more }), before);
        if (chosen !== undefined && more.includes(chosen)) t.deepEqual(after.targets, [chosen]);
        else t.is(after.targets.length, Math.min(1, more.length));
      },
    ),
  );
});

test('with affinity different clients spread over the backends', (t) => {
  const counts = new Map<string, number>();
  for (let host = 10; host < 210; host += 1) {
    const [target = ''] = balanceFor({ address: `10.32.1.${host}`, address6: '' }, service({ affinity: true }), undefined).targets;
    counts.set(target, (counts.get(target) ?? 0) + 1);
  }
  t.is(counts.size, 3);
  for (const count of counts.values()) t.true(count > 40 && count < 95, `${count} of 200`);
});

const balance = (changes: Partial<Balance> = {}): Balance => ({
  vip: '10.32.1.9',
  vip6: '',
  targets: ['10.32.1.3'],
  targets6: [],
  ...changes,
});

test('a backend that leaves changes one chain, and its UDP flows are forgotten', (t) => {
  const before = new Map([
    [web, balance({ targets: ['10.32.1.3', '10.32.1.4'] })],
    ['s_35t_db', balance({ vip: '10.32.1.8' })],
  ]);
  const after = new Map([...before, [web, balance({ targets: ['10.32.1.4'] })] as const]);
  t.deepEqual(balanceChanges(before, after).trim().split('\n'), [
    'flush chain ip tso s_35t_web',
    'add rule ip tso s_35t_web dnat to 10.32.1.4',
    'add element ip tso gone { 10.32.1.3 }',
    'delete element ip tso gone { 10.32.1.3 }',
    'add element ip tso gone { 10.32.1.3 }',
  ]);
});

test('a backend that comes back is not gone any more', (t) => {
  const text = balanceChanges(new Map([[web, balance({ targets: [] })]]), new Map([[web, balance()]]));
  t.true(text.endsWith('add element ip tso gone { 10.32.1.3 }\ndelete element ip tso gone { 10.32.1.3 }\n'));
});

test('the last backend leaves an empty chain, which refuses', (t) => {
  const text = balanceChanges(new Map([[web, balance()]]), new Map([[web, balance({ targets: [] })]]));
  t.true(text.startsWith('flush chain ip tso s_35t_web\nadd element'));
  t.false(text.includes('add rule'));
});

test('services come and go with their address, which another may have at once', (t) => {
  const text = balanceChanges(new Map([[web, balance()]]), new Map([['s_35t_db', balance({ targets: [] })]]));
  const lines = text.trim().split('\n');
  t.true(
    lines.indexOf('delete element ip tso vips { 10.32.1.9 }') < lines.indexOf('add element ip tso vips { 10.32.1.9 : goto s_35t_db }'),
  );
  t.true(lines.indexOf('delete element ip tso vips { 10.32.1.9 }') < lines.indexOf('delete chain ip tso s_35t_web'));
});

test('equal states need nothing, and both families are told apart', (t) => {
  t.is(balanceChanges(new Map([[web, balance()]]), new Map([[web, balance()]])), '');
  const text = balanceChanges(new Map(), new Map([[web, balance({ vip6: 'fd00::9', targets6: ['fd00::3'] })]]));
  t.true(text.includes('add element ip6 tso vips { fd00::9 : goto s_35t_web }'));
  t.deepEqual(balanceText('ip6', new Map([[web, balance()]])), { vips: [], virtual: [], chains: [] });
});

test('with affinity a client is drawn the same backend when nothing is known of before, and moves then only to one that came later', (t) => {
  for (let host = 10; host < 60; host += 1) {
    const address = { address: `10.32.1.${host}`, address6: '' };
    const targetOf = (backends: readonly string[]) =>
      balanceFor(address, service({ affinity: true, backends }), undefined).targets[0] ?? '';
    const first = targetOf(['10.32.1.3', '10.32.1.4', '10.32.1.5']);
    t.is(targetOf(['10.32.1.3', '10.32.1.4', '10.32.1.5']), first);
    t.true([first, '10.32.1.6'].includes(targetOf(['10.32.1.3', '10.32.1.4', '10.32.1.5', '10.32.1.6'])));
    t.is(targetOf(['10.32.1.3', '10.32.1.4', '10.32.1.5'].filter((one) => one === first || one !== '10.32.1.4')), first);
  }
});
