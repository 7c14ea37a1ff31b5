import { TsoError } from '@tso/proto';
import type { CallContext } from '@tso/proto/rpc';
import test from 'ava';
import { eventually } from '../testing/eventually.ts';
import { aborted, member, operator, pair } from './forward-fixture.ts';

const signalRequest = { stack: 'shop', targets: ['web'], signal: 'SIGUSR1' };

test('what is not to be done twice is passed on once, and answered as the leader does', async (t) => {
  const { leader, follower } = await pair(t, { signal: async ({ signal }) => ({ tasks: [], warnings: [signal] }) });
  t.deepEqual(await follower.handlers.signal(signalRequest, operator()), { tasks: [], warnings: ['SIGUSR1'] });
  t.is(leader.calls.length, 1);
});

test('what is not to be done twice is not sent again when the leader is lost while it is at it; what reads is', async (t) => {
  let begun = 0;
  const waits = async (_request: unknown, { signal }: CallContext): Promise<never> => {
    begun += 1;
    await aborted(signal);
    throw new TsoError('UNAVAILABLE', 'ended');
  };
  const { leader, follower } = await pair(t, { signal: waits, top: waits });
  const next = await member(t, 1);
  next.serves = {
    signal: async () => ({ tasks: [], warnings: ['sent again'] }),
    top: async () => ({ tasks: [], warnings: ['read again'] }),
  };
  const lost = t.throwsAsync(follower.handlers.signal(signalRequest, operator()), {
    code: 'UNAVAILABLE',
    message: /manager 7, which led and carried it, is lost/,
  });
  const read = follower.handlers.top({ stack: 'shop', targets: [] }, operator());
  await eventually('both are under way', () => begun === 2);
  follower.leader = next;
  await leader.kill();
  await lost;
  t.deepEqual(await read, { tasks: [], warnings: ['read again'] });
});

test('what is not to be done twice goes to the next leader when the one before certainly did not hear it', async (t) => {
  const { leader, follower } = await pair(t, {});
  const next = await member(t, 1);
  next.serves = { signal: async () => ({ tasks: [], warnings: ['done'] }) };
  leader.office = undefined;
  leader.leader = undefined;
  const reply = follower.handlers.signal(signalRequest, operator());
  await eventually('the one before was asked', () => leader.calls.length > 0);
  follower.leader = next;
  t.deepEqual((await reply).warnings, ['done']);
});
