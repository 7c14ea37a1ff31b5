import test from 'ava';
import fc from 'fast-check';
import { type CalledBy, callerOf, checkAsksForSomebody, isPassedOn, passedOnHeaders } from './caller.ts';

const call = (given: Partial<CalledBy> & { readonly headers?: Readonly<Record<string, string>> } = {}): CalledBy => ({
  peer: '10.0.0.7:4711',
  roles: ['client'],
  identity: undefined,
  header: (name) => given.headers?.[name],
  ...given,
});

const isControl = (letter: string): boolean => letter < ' ' || (letter >= '\x7f' && letter < '\xa0');

const manager = { nodeId: 'm2', role: 'manager' };

test('who asks by the socket is whom the caller names, root if nobody', (t) => {
  const everyRole = ['client', 'worker', 'manager'];
  t.deepEqual(callerOf(call({ roles: everyRole, headers: { 'tso-actor': 'ana', 'idempotency-key': 'k1' } })), {
    actor: 'ana',
    role: 'client',
    source: 'socket',
    requestId: 'k1',
  });
  t.is(callerOf(call({ roles: everyRole })).actor, 'root');
});

test('a certificate says who asks, and no header can change that', (t) => {
  const headers = {
    'tso-actor': 'root',
    'tso-forwarded': JSON.stringify({ actor: 'root', role: 'client', source: 'socket', requestId: '' }),
  };
  const asked = call({ identity: { nodeId: 'ops', role: 'client' }, headers });
  t.deepEqual(callerOf(asked), { actor: 'ops', role: 'client', source: '10.0.0.7:4711', requestId: '' });
  t.false(isPassedOn(asked));
  const worker = call({ roles: ['worker'], identity: { nodeId: 'w1', role: 'worker' }, headers });
  t.deepEqual([callerOf(worker).actor, callerOf(worker).role, isPassedOn(worker)], ['w1', 'worker', false]);
});

test('what a manager passes on is for whom it says, whatever letters the name has', (t) => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 }),
      fc.string({ unit: 'grapheme', maxLength: 20 }),
      (name, key) => {
        const first = call({ identity: { nodeId: name, role: 'client' }, headers: { 'idempotency-key': key } });
        const headers = passedOnHeaders(first);
        const second = call({ roles: ['manager'], identity: manager, headers });
        t.true(isPassedOn(second));
        const clean = [...name].map((letter) => (isControl(letter) ? '?' : letter)).join('');
        t.is(callerOf(second).actor, clean);
        t.is(callerOf(second).source, '10.0.0.7:4711');
        t.deepEqual(
          passedOnHeaders(second)['tso-forwarded'],
          passedOnHeaders(call({ roles: ['manager'], identity: manager, headers }))['tso-forwarded'],
        );
      },
    ),
  );
});

test('the trace of a call goes on with it', (t) => {
  t.is(passedOnHeaders(call({ headers: { traceparent: '00-aa-bb-01' } })).traceparent, '00-aa-bb-01');
  t.false('traceparent' in passedOnHeaders(call()));
});

test('a manager asks for somebody or not at all', (t) => {
  t.notThrows(() => checkAsksForSomebody(call()));
  t.notThrows(() => checkAsksForSomebody(call({ roles: ['manager'], identity: manager, headers: passedOnHeaders(call()) })));
  t.throws(() => checkAsksForSomebody(call({ roles: ['manager'], identity: manager })), { code: 'PERMISSION_DENIED' });
});

test('a word about the asker that cannot be read is refused', (t) => {
  for (const text of ['', 'x', '[]', 'null', '{"actor":1,"role":"client","source":"s","requestId":""}', '{}']) {
    t.throws(
      () => callerOf(call({ roles: ['manager'], identity: manager, headers: { 'tso-forwarded': text } })),
      { code: 'INVALID_ARGUMENT' },
      text,
    );
  }
});
