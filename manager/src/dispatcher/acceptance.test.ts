import { type Authority, NodeRole } from '@tso/proto';
import test from 'ava';
import { authorityWith } from '../testing/specs.ts';
import { helloProblem, identityProblem, membershipProblem } from './acceptance.ts';
import { node, tablesOf } from './dispatcher-fixture.ts';

const authority = (...revoked: Authority['revoked']): Authority => authorityWith({ revoked });

test('over TLS a node speaks for itself alone, on the socket the caller is root', (t) => {
  t.is(identityProblem('a', { nodeId: 'a' }), undefined);
  t.is(identityProblem('a', undefined), undefined);
  t.like(identityProblem('a', { nodeId: 'b' }), { code: 'PERMISSION_DENIED', message: 'node b speaks as node a' });
});

const reason = (view: ReturnType<typeof tablesOf>, nodeId: string): unknown => membershipProblem(view, nodeId, 'own')?.details.reason;

test('a node that is being removed hears so, unless its manager is still in the group', (t) => {
  const view = tablesOf(
    { putAuthority: authority() },
    { putNode: node('worker', { removing: true }) },
    { putNode: node('manager', { removing: true, role: NodeRole.MANAGER }) },
    { putNode: node('member') },
  );
  t.deepEqual(
    ['worker', 'manager', 'member'].map((id) => reason(view, id)),
    ['removed', undefined, undefined],
  );
});

test('only who was removed is told to clean up; whom a restored cluster never knew is told something else', (t) => {
  const view = tablesOf({
    putAuthority: authority({ name: 'gone', role: 'node', untilMs: 1, atMs: 0 }, { name: 'ann', role: 'client', untilMs: 1, atMs: 0 }),
  });
  t.deepEqual(
    ['gone', 'ann', 'stranger', 'own'].map((id) => reason(view, id)),
    ['removed', 'unknown', 'unknown', undefined],
  );
});

test('where certificates come from elsewhere whoever has one is taken in', (t) => t.is(reason(tablesOf(), 'stranger'), undefined));

const said = (more: Partial<Parameters<typeof helloProblem>[0]>) => {
  const { description, address } = node('a');
  return helloProblem({ nodeId: 'a', description, address, ...more }, { nodeId: 'a' });
};

test('what a node says of itself over the network must be of use to the others, or it gets no session', (t) => {
  t.is(said({}), undefined);
  t.is(said({ address: '' }), undefined, 'a node that is alone has none');
  for (const address of ['nonsense', '0.0.0.0', '224.0.0.1', 'host-b', '2001:db8::1']) {
    t.like(said({ address }), { code: 'INVALID_ARGUMENT', details: { reason: 'address' } }, address);
  }
  const { description } = node('a');
  t.like(said({ description: { ...description, hostname: 'a b' } }), { code: 'INVALID_ARGUMENT', details: { reason: 'description' } });
  const odd = { nodeId: 'a', description: { ...description, hostname: 'a b' }, address: '' };
  t.is(helloProblem(odd, undefined), undefined, 'on the socket the caller is root here, whatever its host is called');
});
