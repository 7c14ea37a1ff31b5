import { type NodeDescription, newNode } from '@tso/proto';
import test from 'ava';
import { descriptionProblem, isHostAddress, isHostname } from './node-claims.ts';

test('an address at which others reach a node is the IPv4 address of one host', (t) => {
  for (const good of ['192.0.2.1', '10.0.0.1', '127.0.0.1', '1.0.0.0', '223.255.255.255']) t.true(isHostAddress(good), good);
  for (const bad of [
    '',
    'nonsense',
    '0.0.0.0',
    '0.1.2.3',
    '224.0.0.1',
    '255.255.255.255',
    '::1',
    '10.0.0.1:1',
    '10.0.0',
    '10.0.0.256',
    '10.0.0.1\n',
  ])
    t.false(isHostAddress(bad), bad);
});

test('a hostname has letters, digits, dots, dashes and underscores, as many as a DNS name', (t) => {
  for (const good of ['', 'alpha', 'Alpha_1.example-a', 'a'.repeat(253)]) t.true(isHostname(good), good);
  for (const bad of ['a b', 'a\u001b[2J', '$(id)', 'a'.repeat(254)]) t.false(isHostname(bad), bad);
});

const problem = (more: Partial<NodeDescription>): string | undefined => descriptionProblem({ ...newNode.description, ...more });

test('a node describes itself in short plain words', (t) => {
  t.is(problem({}), undefined);
  t.is(problem({ hostname: 'alpha', kernel: '6.1.0-13-amd64', engineLabels: { disk: 'ssd' } }), undefined);
  t.regex(problem({ hostname: 'a b' }) ?? '', /hostname/);
  t.regex(problem({ kernel: 'x'.repeat(254) }) ?? '', /longer than 253/);
  t.regex(problem({ engineVersion: '1\u0007' }) ?? '', /control characters/);
  t.regex(problem({ platform: { os: 'linux', architecture: 'x'.repeat(1_000), variant: '' } }) ?? '', /longer/);
  t.regex(problem({ resources: { nanoCpus: -1, memoryBytes: 0, pids: 0 } }) ?? '', /less than nothing/);
  t.regex(problem({ engineLabels: Object.fromEntries(Array.from({ length: 101 }, (_, at) => [`k${at}`, ''])) }) ?? '', /more than 100/);
  t.regex(problem({ engineLabels: { a: 'x'.repeat(1_025) } }) ?? '', /longer than 128 and 1024/);
  t.regex(problem({ engineLabels: { 'a\n': '' } }) ?? '', /control characters/);
});

test('what is not as wished on a node is told in short plain sentences', (t) => {
  t.is(problem({ troubles: ['port 80/tcp is taken by nginx (pid 812)'] }), undefined);
  for (const troubles of [Array.from({ length: 101 }, () => 'x'), ['x'.repeat(1_025)], ['\u001b[2J']]) {
    t.regex(problem({ troubles }) ?? '', /troubles/);
  }
});

test('a node that has tunnels says its public key and port as WireGuard has them', (t) => {
  const wireguardKey = `${'A'.repeat(42)}E=`;
  t.is(problem({ wireguardKey, wireguardPort: 24_789, wireguardGeneration: 1 }), undefined);
  for (const key of ['nonsense', `${wireguardKey}\n`, `${'A'.repeat(43)}=\nEndpoint = x`, `${'A'.repeat(42)}B=`]) {
    t.regex(problem({ wireguardKey: key, wireguardPort: 24_789 }) ?? '', /WireGuard key/, key);
  }
  for (const wireguardPort of [0, 65_536]) t.regex(problem({ wireguardKey, wireguardPort }) ?? '', /WireGuard port/);
});
