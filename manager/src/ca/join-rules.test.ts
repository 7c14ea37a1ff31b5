import { type Node, NodeRole, newNode, TsoError } from '@tso/proto';
import test from 'ava';
import { authorityWith } from '../testing/specs.ts';
import { checkClientName, checkJoiner, hostOf, hostOfPeer, type Joiner, joined } from './join-rules.ts';
import { withRevoked } from './revocations.ts';

const nodeId = 'n'.repeat(25);

const authority = authorityWith({ epoch: 4 });

const joiner: Joiner = { nodeId, hostname: 'alpha', address: '192.0.2.7', keyDigest: 'k1', role: NodeRole.WORKER };
const known: Node = { ...newNode, id: nodeId, keyDigest: 'k1', wantedRole: NodeRole.MANAGER, authorityEpoch: 3 };

const reasonOf = (run: () => unknown): unknown => {
  try {
    run();
    return 'accepted';
  } catch (error) {
    return error instanceof TsoError ? `${error.code} ${error.details.reason}` : error;
  }
};

test('a new node is what its token makes of it, and holds the present epoch', (t) => {
  const { node, role } = joined(authority, undefined, { ...joiner, role: NodeRole.MANAGER }, 0);
  t.like(node, {
    id: nodeId,
    role: NodeRole.WORKER,
    wantedRole: NodeRole.MANAGER,
    keyDigest: 'k1',
    authorityEpoch: 4,
    address: '192.0.2.7',
  });
  t.is(node.description.hostname, 'alpha');
  t.is(role, NodeRole.MANAGER);
});

test('who asks once more with the same key gets a certificate again, and changes nothing', (t) => {
  t.deepEqual(joined(authority, known, { ...joiner, role: NodeRole.MANAGER }, 0), { node: known, role: NodeRole.MANAGER });
});

test('asked once more with a token for less, or of a node that is to be less, the certificate is for less', (t) => {
  t.is(joined(authority, known, joiner, 0).role, NodeRole.WORKER);
  const worker = { ...known, wantedRole: NodeRole.WORKER };
  t.is(joined(authority, worker, { ...joiner, role: NodeRole.MANAGER }, 0).role, NodeRole.WORKER);
});

test('the id of a node is given to no other key, and that of a removed node to nobody', (t) => {
  const other = { ...joiner, keyDigest: 'k2' };
  t.is(
    reasonOf(() => joined(authority, known, other, 0)),
    'ALREADY_EXISTS other-key',
  );
  t.is(
    reasonOf(() => joined(authority, { ...known, removing: true }, joiner, 0)),
    'FAILED_PRECONDITION removed',
  );
  t.is(
    reasonOf(() => joined(withRevoked(authority, nodeId, 'node', 0), undefined, joiner, 1)),
    'FAILED_PRECONDITION removed',
  );
});

const said = { nodeId, hostname: 'alpha.example', address: '192.0.2.7:2478' };

const claims: readonly (readonly [string, Partial<typeof said>, string])[] = [
  ['an id, a hostname and an address', {}, 'accepted'],
  ['no address', { address: '' }, 'accepted'],
  ['an address of IPv6', { address: '[2001:db8::7]:2478' }, 'accepted'],
  ['no id', { nodeId: '' }, 'INVALID_ARGUMENT node-id'],
  ['an id in capitals', { nodeId: 'N'.repeat(25) }, 'INVALID_ARGUMENT node-id'],
  ['a hostname that moves the cursor', { hostname: 'a\x1b[2J' }, 'INVALID_ARGUMENT hostname'],
  ['a hostname that is too long', { hostname: 'a'.repeat(254) }, 'INVALID_ARGUMENT hostname'],
  ['an address with a line break', { address: '192.0.2.7\n' }, 'INVALID_ARGUMENT address'],
  ['an address that is too long', { address: '1'.repeat(254) }, 'INVALID_ARGUMENT address'],
];

for (const [what, more, expected] of claims) {
  test(`a joiner that says ${what}: ${expected}`, (t) => {
    t.is(
      reasonOf(() => checkJoiner({ ...said, ...more })),
      expected,
    );
  });
}

test('the host of an address is found whatever way it is written', (t) => {
  t.deepEqual(['192.0.2.7', '192.0.2.7:2478', '[2001:db8::7]:2478', '[2001:db8::7]', '2001:db8::7', 'host:1', ''].map(hostOf), [
    '192.0.2.7',
    '192.0.2.7',
    '2001:db8::7',
    '2001:db8::7',
    '2001:db8::7',
    'host',
    '',
  ]);
  t.deepEqual(['192.0.2.7:4711', '::1:4711', '[::1]:4711', '::ffff:192.0.2.7:4711'].map(hostOfPeer), [
    '192.0.2.7',
    '::1',
    '::1',
    '192.0.2.7',
  ]);
});

test('an operator has a name that can be read, and that no node has', (t) => {
  for (const name of ['alice', 'A.b_c-d@example', 'x'.repeat(64)]) {
    t.notThrows(() => checkClientName(name));
  }
  for (const name of ['', '-a', 'a b', 'a\n', 'ä', 'CN=a', 'x'.repeat(65), nodeId]) {
    t.is(
      reasonOf(() => checkClientName(name)),
      'INVALID_ARGUMENT client-name',
      name,
    );
  }
});
