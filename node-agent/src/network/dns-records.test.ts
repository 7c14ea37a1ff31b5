import { EndpointMode, emptyEndpoint, emptyNetworkAssignment } from '@tso/proto';
import test from 'ava';
import { nameKey, reverseKey } from './dns-name.ts';
import { isOnNetwork, isReverseOf, nameTable } from './dns-records.ts';

const network = { ...emptyNetworkAssignment, id: 'n', name: 'Back', subnet: '10.32.1.0/24', subnet6: 'fd00:1::/64' };
const table = nameTable(network);

test('an address is on a network of its family alone', (t) => {
  t.deepEqual(
    ['10.32.1.200', 'fd00:1::abcd', '10.32.2.1', 'fd00:2::1', 'web'].map((address) => isOnNetwork(table, address)),
    [true, true, false, false, false],
  );
  t.false(isOnNetwork(nameTable({ ...network, subnet6: '' }), 'fd00:1::1'));
});

test('a reverse name belongs to the network whose address it asks for', (t) => {
  t.true(isReverseOf(table, reverseKey('10.32.1.9') ?? ''));
  t.true(isReverseOf(table, reverseKey('fd00:1::9') ?? ''));
  t.false(isReverseOf(table, reverseKey('10.33.1.9') ?? ''));
  t.false(isReverseOf(table, nameKey('web') ?? ''));
});

test('a table has the key of its network, and is internal when nothing leads out', (t) => {
  t.is(table.networkKey, nameKey('back'));
  t.deepEqual(
    [table, nameTable({ ...network, internal: true }), nameTable({ ...network, ingress: true })].map((one) => one.internal),
    [false, true, true],
  );
});

test('names that no message can carry are left out and harm no other', (t) => {
  const endpoint = {
    ...emptyEndpoint,
    serviceName: 'web',
    address: '10.32.1.3',
    names: ['a..b', '', 'x'.repeat(64), 'fine'],
    serving: true,
  };
  const service = {
    serviceId: 's',
    name: 'web',
    stack: '',
    mode: EndpointMode.VIP,
    vip: '10.32.1.2',
    vip6: '',
    names: ['web', ''],
    affinity: false,
    ports: [],
  };
  const { owners } = nameTable({ ...network, endpoints: [endpoint], services: [service] });
  t.deepEqual([...owners().keys()].toSorted(), ['fine', 'web', 'tasks.web'].map((name) => nameKey(name) ?? '').toSorted());
});

test('each service has its names once, however many tasks it has', (t) => {
  const endpoints = Array.from({ length: 2_000 }, (_, index) => ({
    ...emptyEndpoint,
    taskId: `task-${index}`,
    serviceName: `service-${index % 200}`,
    stack: 'shop',
    address: `10.32.${index >> 8}.${index & 255}`,
    names: [`service-${index % 200}-${index}`, `host-${index}`],
    serving: true,
  }));
  t.is(nameTable({ ...network, subnet: '10.32.0.0/16', endpoints }).owners().size, 2_000 * 2 + 200 * 2 * 3);
});
