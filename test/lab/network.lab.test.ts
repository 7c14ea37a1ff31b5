import test from 'ava';
import { eventually } from './support/eventually.ts';
import { addresses, answer, type DnsReply, labNetworks, NetworkLab, nft, upstreamAddress } from './support/network-lab.ts';
import { labEndpoint, labPlan } from './support/networks-daemon.ts';

// Who reaches whom, and by which names.

const lab = await NetworkLab.create();
test.after.always(() => lab.destroy());

test.serial('tasks of a network reach each other by address, each with its own', async (t) => {
  t.is(answer(await lab.toolIn('weba', 'ask', addresses.db, '7000')), `db ${addresses.weba}`);
  t.is(answer(await lab.toolIn('db', 'ask', addresses.webb, '7000', 'udp')), `webb ${addresses.db}`);
});

test.serial('names are answered at 127.0.0.11 by UDP and TCP', async (t) => {
  for (const transport of ['udp', 'tcp']) {
    t.deepEqual((await lab.dns('db', 'web', 'A', transport)).addresses.toSorted(), [addresses.weba, addresses.webb], transport);
    t.deepEqual((await lab.dns('weba', 'DB', 'A', transport)).addresses, [addresses.db], transport);
  }
  t.deepEqual((await lab.dns('db', 'tasks.web')).addresses.toSorted(), [addresses.weba, addresses.webb]);
  t.deepEqual((await lab.dns('db', 'page')).addresses.toSorted(), [addresses.weba, addresses.webb]);
});

test.serial('a known name has no IPv6 address and is not looked for elsewhere', async (t) => {
  t.deepEqual(await lab.dns('db', 'web', 'AAAA'), { rcode: 0, truncated: false, count: 0, addresses: [] });
});

test.serial('an address has a name, and one of ours that nobody has has none', async (t) => {
  t.is((await lab.dns('db', '3.1.32.10.in-addr.arpa', 'PTR')).count, 1);
  t.is((await lab.dns('db', '99.1.32.10.in-addr.arpa', 'PTR')).rcode, 3);
});

test.serial('the order of answers turns, so that replicas share the work', async (t) => {
  const firsts = new Set<string | undefined>();
  for (let count = 0; count < 4; count++) firsts.add((await lab.dns('db', 'web')).addresses[0]);
  t.is(firsts.size, 2);
});

test.serial('other names are asked of the resolvers of the host, also of one on its loopback', async (t) => {
  t.deepEqual((await lab.dns('weba', 'www.example.com')).addresses, [upstreamAddress]);
  t.deepEqual((await lab.dns('weba', 'www.example.com', 'A', 'tcp')).addresses, [upstreamAddress]);
});

test.serial('a task sees the names of its own networks only', async (t) => {
  t.deepEqual((await lab.dns('lone', 'lone')).addresses, [addresses.lone]);
  t.deepEqual((await lab.dns('lone', 'db')).addresses, [upstreamAddress]);
});

test.serial('who is no task gets no answers', async (t) => {
  const outcome = await lab.toolHere('dns', '10.32.1.1', 'db', 'A', 'udp');
  t.is((JSON.parse(outcome.stdout) as DnsReply).rcode, 5);
});

test.serial('a task that stops serving is not answered any more', async (t) => {
  const [first] = labNetworks({ weba: false });
  await lab.call('setMembers', first);
  t.deepEqual((await lab.dns('db', 'web')).addresses, [addresses.webb]);
  t.deepEqual(await lab.dns('db', 'weba'), { rcode: 0, truncated: false, count: 0, addresses: [] });
  await lab.call('setMembers', labNetworks()[0]);
});

test.serial('an answer too large for UDP is cut and whole by TCP', async (t) => {
  const many = Array.from({ length: 120 }, (_, index) => labEndpoint(`many${index}`, 'many', `10.32.1.${index + 10}`));
  await lab.call('setMembers', { ...labNetworks()[0], endpoints: [...(labNetworks()[0]?.endpoints ?? []), ...many] });
  const short = await lab.dns('db', 'many');
  t.true(short.truncated && short.count > 10 && short.count < 40, JSON.stringify(short));
  t.true((await lab.dns('db', 'many', 'A', 'udp', 1200)).count > short.count);
  t.is((await lab.dns('db', 'many', 'A', 'tcp')).count, 120);
  await lab.call('setMembers', labNetworks()[0]);
});

test.serial('a task reaches the outside in the name of the host', async (t) => {
  const server = await lab.outside('serve', 'outside', '9000');
  t.is(answer(await lab.toolIn('weba', 'ask', lab.host.clientAddress, '9000')), `outside ${lab.host.address}`);
  t.is(answer(await lab.toolIn('weba', 'ask', lab.host.clientAddress, '9000', 'udp')), `outside ${lab.host.address}`);
  t.regex(answer(await lab.toolIn('vault', 'ask', lab.host.clientAddress, '9000')), /ENETUNREACH/);
  await lab.end(server);
});

test.serial('an internal network has no way out, not even with a route', async (t) => {
  await lab.inTask('vault', 'ip', 'route', 'add', 'default', 'via', '10.32.3.1');
  await lab.host.client('ip', ['route', 'add', '10.32.0.0/12', 'via', lab.host.address]);
  const outside = await lab.outside('serve', 'outside', '9001');
  const local = await lab.onHost('serve', 'host', '9002');
  const answers = await Promise.all([
    lab.toolIn('vault', 'ask', lab.host.clientAddress, '9001'),
    lab.toolIn('vault', 'ask', lab.host.address, '9002'),
    lab.toolIn('vault', 'ask', addresses.db, '7000'),
  ]);
  for (const outcome of answers) t.regex(answer(outcome), /no answer/);
  t.is((await lab.dns('vault', 'www.example.com')).rcode, 3);
  t.deepEqual((await lab.dns('vault', 'vault')).addresses, [addresses.vault]);
  await lab.inTask('vault', 'ip', 'route', 'del', 'default');
  await lab.host.client('ip', ['route', 'del', '10.32.0.0/12']);
  await lab.end(outside, local);
});

test.serial('two networks do not reach each other, and nobody outside reaches into one', async (t) => {
  await lab.host.client('ip', ['route', 'add', '10.32.0.0/12', 'via', lab.host.address]);
  const answers = await Promise.all([lab.toolIn('weba', 'ask', addresses.lone, '7000'), lab.toolOutside('ask', addresses.weba, '7000')]);
  for (const outcome of answers) t.regex(answer(outcome), /no answer/);
  await lab.host.client('ip', ['route', 'del', '10.32.0.0/12']);
});

test.serial("the host's loopback is out of a task's reach, and only our rules keep it so", async (t) => {
  const local = await lab.onHost('hear', '127.0.0.1', '9003');
  await lab.call('attach', labPlan('prober', { 1: '10.32.1.80' }));
  for (const route of [
    ['del', 'local', '127.0.0.1', 'dev', 'lo', 'table', 'local'],
    ['del', 'local', '127.0.0.0/8', 'dev', 'lo', 'table', 'local'],
    ['add', '127.0.0.1/32', 'via', '10.32.1.1', 'src', '10.32.1.80'],
  ]) {
    t.is((await lab.inTask('prober', 'ip', 'route', ...route)).stderr, '');
  }
  let heard = '';
  local.stdout?.on('data', (chunk: Buffer) => {
    heard += chunk.toString();
  });
  await lab.toolIn('prober', 'send', '127.0.0.1', '9003', 'with-rules');
  // The node may put them back before a datagram has come.
  await eventually('it is heard without the rules', async () => {
    await lab.host.run(nft, ['flush', 'chain', 'inet', await lab.table(), 'early']);
    await lab.toolIn('prober', 'send', '127.0.0.1', '9003', 'without-rules');
    return heard !== '';
  });
  t.deepEqual([...new Set(heard.trim().split('\n'))], ['without-rules from 10.32.1.80']);
  await lab.untilMended('the chain that was emptied is filled again', async () =>
    (await lab.host.run(nft, ['list', 'chain', 'inet', await lab.table(), 'early'])).includes('ip daddr 127.0.0.0/8 drop'),
  );
  await lab.call('detach', 'prober');
  await lab.end(local);
});

test.serial('a task cannot send in the name of another, and only the rules inside keep it from that', async (t) => {
  await lab.call('attach', labPlan('forger', { 1: '10.32.1.81' }));
  await lab.inTask('forger', 'ip', 'address', 'add', '10.32.1.77/24', 'dev', 'eth0');
  const forge = (protocol: string) => lab.toolIn('forger', 'ask', addresses.db, '7000', protocol, '1', '10.32.1.77');
  t.is(answer(await lab.toolIn('forger', 'ask', addresses.db, '7000')), 'db 10.32.1.81');
  for (const outcome of await Promise.all([forge('tcp'), forge('udp')])) t.not(outcome.code, 0);
  await lab.inTask('forger', nft, 'delete', 'table', 'netdev', 'tso');
  t.is(answer(await forge('tcp')), 'db 10.32.1.77');
  await lab.call('detach', 'forger');
});
