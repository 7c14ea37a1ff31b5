import { type Node, type NodeDescription, newNode } from '@tso/proto';
import test from 'ava';
import { descriptionProblem, isHostAddress, isHostname, withUsableTunnel } from './node-claims.ts';

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

test('what only the owner of a node knows of, and what its kernel can do, is said in bounds', (t) => {
  const kind = (name: string, ids: readonly string[] = []) => ({ kind: name, count: 1, ids });
  t.is(problem({ generic: [kind('gpu'), kind('ssd', ['a', 'b'])], fileSystems: ['ext4'], networkDrivers: ['overlay'] }), undefined);
  t.regex(problem({ generic: Array.from({ length: 65 }, (_, at) => kind(`k${at}`)) }) ?? '', /more than 64 kinds/);
  t.regex(problem({ generic: [kind('gpu'), kind('gpu')] }) ?? '', /a kind of generic resource twice/);
  t.regex(problem({ generic: [kind('')] }) ?? '', /has no name/);
  t.regex(problem({ generic: [kind('gpu', ['\u001b[2J'])] }) ?? '', /a text of more/);
  t.regex(
    problem({
      generic: [
        kind(
          'gpu',
          Array.from({ length: 1_001 }, (_, at) => `${at}`),
        ),
      ],
    }) ?? '',
    /more than 1000 ids/,
  );
  t.regex(problem({ generic: [kind('gpu', ['a', 'a'])] }) ?? '', /an id of a generic resource is said twice/);
  t.regex(problem({ fileSystems: Array.from({ length: 501 }, (_, at) => `fs${at}`) }) ?? '', /more than 500 file systems/);
  t.regex(problem({ networkDrivers: ['x'.repeat(65)] }) ?? '', /more than 64 characters/);
});

test('a node that has tunnels says its public key and port as WireGuard has them', (t) => {
  const wireguardKey = `${'A'.repeat(42)}E=`;
  t.is(problem({ wireguardKey, wireguardPort: 24_789, wireguardGeneration: 1 }), undefined);
  for (const key of ['nonsense', `${wireguardKey}\n`, `${'A'.repeat(43)}=\nEndpoint = x`, `${'A'.repeat(42)}B=`]) {
    t.regex(problem({ wireguardKey: key, wireguardPort: 24_789 }) ?? '', /WireGuard key/, key);
  }
  for (const wireguardPort of [0, 65_536]) t.regex(problem({ wireguardKey, wireguardPort }) ?? '', /WireGuard port/);
  t.regex(problem({ wireguardKey, wireguardPort: 24_789, wireguardGeneration: 0 }) ?? '', /generation/);
});

const keyOf = (letter: string): string => `${letter.repeat(42)}E=`;
const tunnel = (letter: string, wireguardGeneration: number): NodeDescription => ({
  ...newNode.description,
  hostname: letter.toLowerCase(),
  wireguardKey: keyOf(letter),
  wireguardPort: 24_789,
  wireguardGeneration,
});
const cluster = (descriptions: Readonly<Record<string, NodeDescription>>) => {
  const nodes: readonly Node[] = Object.entries(descriptions).map(([id, description]) => ({ ...newNode, id, description }));
  return { nodes: () => nodes, node: (id: string) => nodes.find((one) => one.id === id) };
};

test('the public key of another node is not taken: the node has no tunnels, and a trouble says whose key it is', (t) => {
  const nodes = cluster({ a: tunnel('A', 3), b: tunnel('B', 3) });
  const accepted = withUsableTunnel('b', { ...tunnel('A', 3), troubles: ['x'] }, nodes);
  t.like(accepted, { wireguardKey: '', wireguardPort: 0, wireguardGeneration: 0 });
  t.is(accepted.troubles.length, 2);
  t.regex(accepted.troubles[1] ?? '', /node a/);
  for (const own of [tunnel('B', 3), tunnel('C', 4), newNode.description]) t.is(withUsableTunnel('b', own, nodes), own);
  t.is(withUsableTunnel('a', tunnel('A', 3), nodes).wireguardKey, keyOf('A'), 'its own');
});

test('a generation far above those of all others is not taken, since the others would follow it to where keys end', (t) => {
  const nodes = cluster({ a: tunnel('A', 3), b: tunnel('B', 5), c: newNode.description });
  t.is(withUsableTunnel('b', tunnel('B', 203), nodes).wireguardGeneration, 203);
  const accepted = withUsableTunnel('b', tunnel('B', 204), nodes);
  t.like(accepted, { wireguardKey: '', wireguardGeneration: 0 });
  t.regex(accepted.troubles[0] ?? '', /generation 204/);
  const lonely = cluster({ a: tunnel('A', 3), b: tunnel('B', 5_000) });
  t.is(withUsableTunnel('b', tunnel('C', 5_000), lonely).wireguardGeneration, 5_000, 'what it had, as when the others are gone');
  t.is(withUsableTunnel('b', tunnel('C', 5_001), lonely).wireguardKey, '');
});
