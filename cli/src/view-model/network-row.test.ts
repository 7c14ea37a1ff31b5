import { emptyNetworkSpec } from '@tso/proto';
import test from 'ava';
import { aNetwork } from '../testing/networks.ts';
import { endpointCells, matchesFilters, networkCells, networkDetails, networkRow } from './network-row.ts';

const spec = { ...emptyNetworkSpec, name: 'secret', driverOpts: { encrypted: 'true' }, internal: true, attachable: true };

test('what is unusual about a network is said in words', (t) => {
  const cells = networkCells(aNetwork('secret', { spec, subnet6: 'fd00::/64' }));
  t.deepEqual(cells, [
    'secret000000',
    'secret',
    'overlay',
    'visits',
    '10.128.1.0/24, fd00::/64',
    '3/253',
    '2',
    'internal, attachable, encrypted',
    '',
  ]);
});

test('a network that is going, or whose addresses run out, says so', (t) => {
  t.is(networkCells(aNetwork('a', { removing: true })).at(-1), 'being removed');
  t.is(networkCells(aNetwork('a', {}, { warning: 'its addresses\nare used up' })).at(-1), 'its addresses are used up');
});

test('details name what there is and leave out what there is not', (t) => {
  const details = networkDetails(
    aNetwork('plain', {
      spec: { ...emptyNetworkSpec, name: 'plain', ipRange: '10.128.1.128/25', reserved: { b: '10.128.1.9', a: '10.128.1.8' } },
    }),
  );
  t.deepEqual(
    details.filter(([name]) => ['IPv4', 'IPv6', 'Reserved', ''].includes(name)),
    [
      ['IPv4', '10.128.1.0/24, gateway 10.128.1.1, addresses from 10.128.1.128/25'],
      ['Reserved', 'a=10.128.1.8'],
      ['', 'b=10.128.1.9'],
    ],
  );
});

test('a task that is not answered with says no', (t) => {
  const endpoint = {
    taskId: 't',
    service: 'web',
    stack: 'visits',
    slot: 2,
    node: 'host-a',
    address: '10.1.1.2',
    address6: '',
    mac: 'm',
    serving: false,
  };
  t.deepEqual(endpointCells(endpoint), ['visits', 'web.2', 'host-a', '10.1.1.2', '', 'm', 'no']);
  t.is(endpointCells({ ...endpoint, slot: 0, serving: true })[1], 'web');
});

test('alike filters are alternatives, and different ones must all hold', (t) => {
  const view = aNetwork('visits_back', { spec: { ...emptyNetworkSpec, name: 'visits_back', labels: { tier: 'db', x: '' } } });
  const matches = (...texts: readonly string[]) =>
    matchesFilters(
      view,
      texts.map((text) => ({ key: text.split('=')[0] ?? '', value: text.slice(text.indexOf('=') + 1) })),
    );
  t.true(matches());
  t.true(matches('name=back', 'driver=overlay', 'stack=visits', 'id=visitsb', 'dangling=false'));
  t.true(matches('label=tier', 'label=none'));
  t.true(matches('label=tier=db'));
  t.false(matches('label=tier=web'));
  t.false(matches('label=toString'));
  t.false(matches('name=back', 'driver=bridge'));
  t.true(matches('driver=macvlan', 'driver=overlay'));
  t.true(matchesFilters(aNetwork('idle', {}, { services: [], tasks: 0 }), [{ key: 'dangling', value: 'true' }]));
});

test('an empty driver is the default one', (t) => {
  t.is(networkRow(aNetwork('a', { spec: { ...emptyNetworkSpec, name: 'a', driver: '' } })).driver, 'overlay');
});
