import test from 'ava';
import { auditBy } from './audit.ts';
import { type CalledBy, passedOnHeaders } from './caller.ts';

const call = (given: Partial<CalledBy> & { readonly headers?: Readonly<Record<string, string>> } = {}): CalledBy => ({
  peer: '10.0.0.7:4711',
  roles: ['client'],
  identity: { nodeId: 'ana', role: 'client' },
  header: (name) => given.headers?.[name],
  ...given,
});

test('it is said who asked, from where, what, about what, and of whom', (t) => {
  t.deepEqual(auditBy('m1')(call({ headers: { 'idempotency-key': 'k1' } }), '/tso.v1.Control/ApplyStack', 'stack shop'), {
    actor: 'ana',
    role: 'client',
    source: '10.0.0.7:4711',
    manager: 'm1',
    method: '/tso.v1.Control/ApplyStack',
    target: 'stack shop',
    requestId: 'k1',
  });
});

test('of a request that was passed on it is who asked first, and the manager that took it', (t) => {
  const first = call({ headers: { 'idempotency-key': 'k1' } });
  const second = call({ roles: ['manager'], identity: { nodeId: 'm2', role: 'manager' }, headers: passedOnHeaders(first) });
  t.like(auditBy('m1')(second, '/m', 'x'), { actor: 'ana', role: 'client', source: '10.0.0.7:4711', manager: 'm2', requestId: 'k1' });
});

test('who has no certificate yet came from an address all the same', (t) => {
  const joiner = call({ roles: ['joiner'], identity: undefined });
  t.like(auditBy('m1')(joiner, '/m', 'x'), { role: 'joiner', source: '10.0.0.7:4711' });
  const root = call({ roles: ['client', 'worker', 'manager'], identity: undefined, headers: { 'tso-actor': 'eva' } });
  t.like(auditBy('m1')(root, '/m', 'x'), { actor: 'eva', role: 'client', source: 'socket' });
});
