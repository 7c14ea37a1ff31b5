import test from 'ava';
import { closedChain, closedLegacyChains, firewallTrouble, parseBaseChains } from './firewalls.ts';

// Output of nftables 1.0.6, shortened to what is read.
const chain = (table: string, name: string, rest: object = {}) => ({ chain: { family: 'ip', table, name, ...rest } });
const base = (table: string, name: string, hook: string, policy: string) => chain(table, name, { type: 'filter', hook, policy });
const rule = (name: string, ...expr: object[]) => ({ rule: { family: 'ip', table: 'filter', chain: name, expr } });
const json = (...objects: object[]) => JSON.stringify({ nftables: [{ metainfo: {} }, ...objects] });
const isOurs = (table: string): boolean => table === 'tso';

const forward = parseBaseChains(json(base('filter', 'FORWARD', 'forward', 'drop')), isOurs)[0];
const open = parseBaseChains(json(base('filter', 'FORWARD', 'forward', 'accept')), isOurs)[0];
if (forward === undefined || open === undefined) throw new Error('a base chain was not read');

test('chains of others that packets pass are found, ours and those of other hooks and kinds are not', (t) => {
  const chains = parseBaseChains(
    json(
      base('filter', 'FORWARD', 'forward', 'drop'),
      base('tso', 'forward', 'forward', 'drop'),
      base('filter', 'OUTPUT', 'output', 'drop'),
      chain('nat', 'PREROUTING', { type: 'nat', hook: 'prerouting', policy: 'accept' }),
      chain('filter', 'DOCKER-USER'),
      base('x', 'in', 'input', 'accept'),
    ),
    isOurs,
  );
  t.deepEqual(
    chains.map(({ table, chain: name, hook }) => `${table}/${name} ${hook}`),
    ['filter/FORWARD forward', 'x/in input'],
  );
  t.deepEqual(parseBaseChains('', isOurs), []);
});

test('a chain is closed by its policy or by a last rule without conditions', (t) => {
  t.truthy(closedChain(forward, json()));
  t.is(closedChain(open, json()), undefined);
  const reject = rule('FORWARD', { counter: { packets: 0, bytes: 0 } }, { reject: { type: 'icmpx' } });
  const accept = rule('FORWARD', { match: {} }, { accept: null });
  t.truthy(closedChain(open, json(accept, reject)));
  t.is(closedChain(open, json(reject, accept)), undefined);
  t.is(closedChain(open, json(rule('FORWARD', { match: {} }, { drop: null }))), undefined);
  t.is(closedChain(open, json(rule('OTHER', { drop: null }))), undefined);
});

test('one whose table has a rule about our devices was seen to by somebody', (t) => {
  const own = rule('DOCKER-USER', { match: { left: { meta: { key: 'iifname' } }, right: 'tso*' } }, { accept: null });
  t.is(closedChain(forward, json(own)), undefined);
});

test('iptables-legacy is read too', (t) => {
  const text =
    '-P INPUT ACCEPT\n-P FORWARD DROP\n-P OUTPUT ACCEPT\n-N DOCKER-USER\n-A INPUT -i lo -j ACCEPT\n-A INPUT -j REJECT --reject-with icmp-port-unreachable\n';
  t.deepEqual(
    closedLegacyChains(text, 'ip').map(({ chain: name, docker }) => `${name} ${docker}`),
    ['FORWARD true', 'INPUT false'],
  );
  t.deepEqual(closedLegacyChains(`${text}-A DOCKER-USER -i tso+ -j ACCEPT\n`, 'ip'), []);
  t.deepEqual(closedLegacyChains('-P INPUT ACCEPT\n-P FORWARD ACCEPT\n-P OUTPUT ACCEPT\n', 'ip'), []);
});

test('the sentence says what is lost, and the command that mends it', (t) => {
  const closed = { family: 'ip', table: 'filter', chain: 'FORWARD', hook: 'forward', docker: true, legacy: false } as const;
  t.is(
    firewallTrouble(closed, 4789),
    'the firewall ip filter/FORWARD drops what passes through this host and no rule of it names, so that containers reach nothing outside, and published ports lead to none: iptables -I DOCKER-USER -i tso+ -j ACCEPT && iptables -I DOCKER-USER -o tso+ -j ACCEPT',
  );
  t.regex(firewallTrouble({ ...closed, docker: false, legacy: true }, 4789), /iptables-legacy -I FORWARD -i tso\+ -j ACCEPT/);
  t.regex(firewallTrouble({ ...closed, family: 'inet', table: 'firewalld', chain: 'filter_FORWARD' }, 4789), /firewall-cmd --permanent/);
  t.regex(
    firewallTrouble({ ...closed, family: 'inet', table: 'wall', chain: 'in', hook: 'input' }, 4789),
    /nft insert rule inet wall in iifname '"tso\*"' accept; let UDP port 4789 in from the other nodes too$/,
  );
});
