import { TsoError } from '@tso/proto';
import test from 'ava';
import { eventually, newCluster, ways } from './testing/cluster.ts';
import { kill } from './testing/echo.ts';

for (const way of ways) {
  test(`${way}: a command passed on is answered with its index, a refusal comes back as the leader meant it`, async (t) => {
    const cluster = await newCluster(t, way, 2);
    const two = await cluster.start(2);
    const one = await cluster.start(1, { limits: { handshakeMs: 60_000 } });
    t.deepEqual(await one.transport.forward(2, new Uint8Array(9)), { index: 9 }, 'it waits for the connection that is being made');
    two.owner.onPropose = async () => {
      throw new TsoError('CONFLICT', 'someone else changed service web', { hint: 'Look again.', details: { id: 'web' } });
    };
    const error = await t.throwsAsync(one.transport.forward(2, new Uint8Array(1)), { instanceOf: TsoError, code: 'CONFLICT' });
    t.is(error.hint, 'Look again.');
    t.deepEqual(error.details, { id: 'web' });
  });

  test(`${way}: when the leader dies before it answers, nobody can know; afterwards it is refused`, async (t) => {
    const cluster = await newCluster(t, way, 2);
    const one = await cluster.start(1);
    const child = await cluster.startEcho(2);
    await eventually(() => one.transport.reachable(2), 'connected');
    t.deepEqual(await one.transport.forward(2, new Uint8Array(3)), { index: 3 });
    const unanswered = t.throwsAsync(one.transport.forward(2, new Uint8Array(0)), { instanceOf: TsoError, code: 'UNAVAILABLE' });
    await one.transport.forward(2, new Uint8Array(3));
    await kill(child);
    t.deepEqual((await unanswered).details, { outcome: 'unknown' });
    await eventually(() => !one.transport.reachable(2), 'the break');
    const refused = await t.throwsAsync(one.transport.forward(2, new Uint8Array(1)), { instanceOf: TsoError, code: 'UNAVAILABLE' });
    t.deepEqual(refused.details, { outcome: 'refused' });
  });
}

test('a leader that does not answer in time leaves it unknown', async (t) => {
  const cluster = await newCluster(t, 'unix', 2);
  const [one, two] = [await cluster.start(1, { limits: { forwardMs: 50 } }), await cluster.start(2)];
  await eventually(() => one.transport.reachable(2), 'connected');
  two.owner.onPropose = () => new Promise(() => undefined);
  const error = await t.throwsAsync(one.transport.forward(2, new Uint8Array(1)), { instanceOf: TsoError, code: 'UNAVAILABLE' });
  t.deepEqual(error.details, { outcome: 'unknown' });
});

test('a member that nobody knows, or that was removed, is refused', async (t) => {
  const cluster = await newCluster(t, 'unix', 2);
  const [one, two] = [await cluster.start(1), await cluster.start(2)];
  const nobody = await t.throwsAsync(one.transport.forward(7, new Uint8Array(1)), { instanceOf: TsoError, code: 'UNAVAILABLE' });
  t.deepEqual(nobody.details, { outcome: 'refused' });
  await eventually(() => one.transport.reachable(2), 'connected');
  two.transport.setPeers([], new Set([1]));
  const denied = await t.throwsAsync(one.transport.forward(2, new Uint8Array(1)), { instanceOf: TsoError, code: 'UNAVAILABLE' });
  t.deepEqual(denied.details, { outcome: 'refused' }, 'a client asks another manager');
  await eventually(() => one.owner.told.some((it) => it.startsWith('expelled')), 'it is told');
});
