import test from 'ava';
import { essenceOf, lacksNothing, lackText, lookMark, nextInTurn, parseTaskLook, type TaskLook, taskLack } from './task-look.ts';
import { taskRules } from './task-rules.ts';
import { attachmentOn } from './testing/attachment.ts';

const attachment = attachmentOn(1, { device: 'eth0' });
const task = { attachments: [attachment], sysctls: {} };
const rules = taskRules([attachment], true);

const sound: TaskLook = {
  addresses: JSON.stringify([
    { ifname: 'lo', flags: ['UP'], addr_info: [] },
    { ifname: 'eth0', flags: ['UP'], address: attachment.mac, addr_info: [{ family: 'inet', local: '10.32.1.3', prefixlen: 24 }] },
  ]),
  routes: JSON.stringify([
    { dst: 'default', gateway: '10.32.1.1', dev: 'eth0' },
    { dst: 'default', dev: 'lo', table: '90' },
  ]),
  rules: JSON.stringify([{ priority: 90 }, { priority: 32766 }]),
  rules6: '',
  sysctls: 'net/ipv4/conf/all/route_localnet:1\nnet/ipv4/ping_group_range:0\t2147483647\n',
  tables: rules,
};

test('a namespace that has all lacks nothing', (t) => {
  t.true(lacksNothing(taskLack(task, rules, sound)));
});

test('what is missing is made by its own line', (t) => {
  const lack = taskLack(task, rules, { ...sound, routes: '[]', rules: '[]', addresses: sound.addresses.replace('10.32.1.3', '10.32.1.4') });
  t.deepEqual(lack.lines, [
    'address replace 10.32.1.3/24 brd + dev eth0',
    'route replace default via 10.32.1.1 dev eth0',
    'route replace default dev lo table 90',
    'rule add pref 90 fwmark 0x7450 lookup 90',
  ]);
  t.is(lackText(lack), 'an address, a route, a rule');
});

test('an interface that is gone or another is to be made again, one that is down set up', (t) => {
  const other = taskLack(task, rules, { ...sound, addresses: sound.addresses.replace(attachment.mac, '02:00:00:00:00:01') });
  t.deepEqual([other.devices, other.absent], [['eth0'], []]);
  const gone = taskLack(task, rules, { ...sound, addresses: '[]' });
  t.deepEqual([gone.devices, gone.absent], [['eth0'], ['eth0']]);
  t.is(lackText(gone), 'its interface eth0');
  const down = taskLack(task, rules, { ...sound, addresses: sound.addresses.replaceAll('"UP"', '') });
  t.deepEqual(down.lines, ['link set dev eth0 up']);
});

test('settings that differ are written, but not what the task itself wishes or the kernel lacks', (t) => {
  const look = { ...sound, sysctls: 'net/ipv4/conf/all/route_localnet:0\nnet/ipv4/ip_unprivileged_port_start:1024\n' };
  const wishing = { ...task, sysctls: { 'net.ipv4.ip_unprivileged_port_start': '1024' } };
  t.deepEqual(taskLack(wishing, rules, look).sysctls, [['net/ipv4/conf/all/route_localnet', '1']]);
});

test('rules are compared by what counts, however nft writes them', (t) => {
  const listed = `table ip tso {
\tchain s_1_web {
\t\tdnat to numgen random mod 2 map { 0 : 10.0.0.4, 1 : 10.0.0.5 }
\t}

\tmap vips {
\t\ttype ipv4_addr : verdict
\t\telements = { 10.0.0.8 : goto s_1_db,
\t\t\t     10.0.0.9 : goto s_1_web }
\t}

\tset gone {
\t\ttype ipv4_addr
\t\tsize 65535
\t\telements = { 10.0.0.77 }
\t}
}
`;
  const loaded = `table ip tso {
  chain s_1_web {
    dnat to numgen random mod 2 map { 0 : 10.0.0.4, 1 : 10.0.0.5 }
  }
  map vips {
    type ipv4_addr : verdict; elements = { 10.0.0.9 : goto s_1_web, 10.0.0.8 : goto s_1_db };
  }
  set gone {
    type ipv4_addr; flags timeout; timeout 150s;
  }
}
`;
  t.is(essenceOf(listed), essenceOf(loaded));
  t.not(essenceOf(listed.replace('10.0.0.5', '10.0.0.6')), essenceOf(loaded));
  t.not(essenceOf(listed.replace('10.0.0.8 : goto s_1_db', '')), essenceOf(loaded));
  t.not(essenceOf(''), essenceOf(loaded));
});

test('the parts of a look are told by what is in them', (t) => {
  const addresses = '[{"ifindex":1,"ifname":"lo"}]';
  const routes = '[{"dst":"default","dev":"eth0"}]';
  const rules = '[{"priority":0,"src":"all"},{"priority":90,"dst":"10.0.0.1"}]';
  const rest = ['[{"priority":1}]\n', 'a:1\n', 'table ip tso {\n}\n'];
  const textOf = (...lines: string[]): string => [`${lines.join('\n')}\n`, ...rest].join(`${lookMark}\n`);
  const parts = { addresses, routes, rules, rules6: rest[0], sysctls: rest[1], tables: rest[2] };
  t.deepEqual(parseTaskLook(textOf(addresses, routes, rules)), parts);
  t.deepEqual(parseTaskLook(textOf(addresses, rules)), { ...parts, routes: '' });
  t.deepEqual(parseTaskLook(textOf(addresses, routes)), { ...parts, rules: '' });
});

test('all have their turn, whoever comes and goes', (t) => {
  t.deepEqual(nextInTurn(['c', 'a', 'b'], '', 2), ['a', 'b']);
  t.deepEqual(nextInTurn(['c', 'a', 'b'], 'b', 2), ['c', 'a']);
  t.deepEqual(nextInTurn(['c', 'a'], 'b', 2), ['c', 'a']);
  t.deepEqual(nextInTurn(['a'], 'a', 2), ['a']);
  t.deepEqual(nextInTurn([], 'a', 2), []);
});
