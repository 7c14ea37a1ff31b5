import { TsoError } from '@tso/proto';
import type { CallContext, PeerIdentity } from '@tso/proto/rpc';
import { Control, type Handlers } from '@tso/proto/rpc';
import test from 'ava';
import { StandingCalls } from './standing-calls.ts';

const identity: PeerIdentity = { nodeId: 'ann', role: 'client', cluster: 'c' };

const contextOf = (signal: AbortSignal): CallContext => ({
  peer: '192.0.2.1:1',
  roles: ['client'],
  identity,
  signal,
  header: (name) => (name === 'tso-actor' ? 'ann' : undefined),
});

/** Says who follows, then nothing until its caller is gone. */
const following = async function* (_request: unknown, context: CallContext): AsyncGenerator<unknown> {
  yield context.header('tso-actor');
  await new Promise<void>((resolve) => context.signal.addEventListener('abort', () => resolve(), { once: true }));
};

const world = () => {
  const access: { of: () => readonly string[] } = { of: () => ['client'] };
  const calls = new StandingCalls(() => access.of());
  const { events } = calls.watched(Control, { events: following } as unknown as Handlers<typeof Control>);
  const begin = (signal: AbortSignal) =>
    events({ filters: [] } as unknown as Parameters<typeof events>[0], contextOf(signal))[Symbol.asyncIterator]();
  return { access, calls, begin };
};

test('a stream of somebody who was revoked ends, and says why; one that is still allowed goes on', async (t) => {
  const { access, calls, begin } = world();
  const caller = new AbortController();
  const stream = begin(caller.signal);
  t.deepEqual((await stream.next()).value as unknown, 'ann');
  const rest = stream.next();
  calls.lookAgain();
  t.is(calls.size, 1);
  access.of = () => {
    throw new TsoError('PERMISSION_DENIED', 'the certificate of ann was revoked', { details: { reason: 'revoked' } });
  };
  calls.lookAgain();
  const error = await t.throwsAsync(rest, { instanceOf: TsoError, code: 'PERMISSION_DENIED' });
  t.is(error.details.reason, 'revoked');
  t.is(calls.size, 0);
});

test('so does one whose caller has another role by now', async (t) => {
  const { access, calls, begin } = world();
  const stream = begin(new AbortController().signal);
  await stream.next();
  const rest = stream.next();
  access.of = () => ['worker'];
  calls.lookAgain();
  await t.throwsAsync(rest, { code: 'PERMISSION_DENIED' });
});

test('a caller that goes away ends its stream as ever, and nothing of it is kept', async (t) => {
  const { calls, begin } = world();
  const caller = new AbortController();
  const stream = begin(caller.signal);
  await stream.next();
  const rest = stream.next();
  caller.abort();
  t.true((await rest).done);
  t.is(calls.size, 0);
});
