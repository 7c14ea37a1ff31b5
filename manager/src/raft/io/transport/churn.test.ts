import test from 'ava';
import fc from 'fast-check';
import { message } from '../../core/index.ts';
import { eventually, newCluster, ways } from './testing/cluster.ts';
import type { Member } from './testing/member.ts';

for (const way of ways) {
  test(`${way}: five members that start at once all reach each other`, async (t) => {
    const cluster = await newCluster(t, way, 5);
    const members = await Promise.all(cluster.peers.map(({ raftId }) => cluster.start(raftId)));
    const missing = (): string =>
      members
        .flatMap(({ peer, transport }) =>
          cluster.peers
            .filter(({ raftId }) => raftId !== peer.raftId && !transport.reachable(raftId))
            .map((it) => `${peer.raftId}->${it.raftId}`),
        )
        .join(' ');
    await eventually(() => missing() === '', missing, 30_000);
    for (const { transport, peer } of members)
      transport.send(
        cluster.peers.filter((it) => it !== peer).map((it) => message('MsgHeartbeat', { from: peer.raftId, to: it.raftId, term: 1 })),
      );
    await eventually(() => members.every(({ owner }) => new Set(owner.received.map(({ from }) => from)).size >= 4), 'all heartbeats');
    t.pass();
  });
}

const id = fc.integer({ min: 1, max: 3 });
const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ send: id, to: id, count: fc.integer({ min: 1, max: 40 }), bytes: fc.constantFrom(0, 100, 50_000) }) },
  { weight: 1, arbitrary: fc.record({ restart: id }) },
  { weight: 2, arbitrary: fc.constant({ pause: true } as const) },
);

test('however members come and go, nothing arrives twice, out of order or at somebody else, and in the end all reach each other', async (t) => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 60 }), async (steps) => {
      const downs: (() => unknown)[] = [];
      const cluster = await newCluster({ ...t, teardown: (down: () => unknown) => void downs.push(down) } as typeof t, 'unix', 3);
      try {
        const members = new Map<number, Member>();
        const seen: { readonly by: number; readonly from: number; readonly index: number }[] = [];
        const limits = { backoffFirstMs: 1, backoffMostMs: 20, queuedBytes: 500_000 };
        const start = async (raftId: number): Promise<void> => {
          const member = await cluster.start(raftId, { limits });
          const last = new Map<number, number>();
          member.owner.onReceive = ({ from, to, index }) => {
            t.is(to, raftId);
            t.true(index > (last.get(from) ?? -1), `${index} from ${from} came to ${raftId} behind ${last.get(from)}`);
            last.set(from, index);
            seen.push({ by: raftId, from, index });
            return { accepted: true };
          };
          members.set(raftId, member);
        };
        for (const raftId of [1, 2, 3]) await start(raftId);
        let index = 0;
        const send = (from: number, to: number, bytes: number): number => {
          index += 1;
          const entries = [{ type: 'EntryNormal' as const, term: 1, index, data: new Uint8Array(bytes) }];
          members.get(from)?.transport.send([message('MsgApp', { from, to, term: 1, index, entries })]);
          return index;
        };
        for (const it of steps) {
          if ('restart' in it) {
            await members.get(it.restart)?.stop();
            await start(it.restart);
          } else if ('pause' in it) {
            await new Promise((resolve) => setImmediate(resolve));
          } else if (it.send !== it.to) {
            for (let at = 0; at < it.count; at += 1) send(it.send, it.to, it.bytes);
          }
        }
        const pairs = [1, 2, 3].flatMap((from) => [1, 2, 3].filter((to) => to !== from).map((to) => ({ from, to })));
        await eventually(() => pairs.every(({ from, to }) => members.get(from)?.transport.reachable(to)), 'all to reach each other');
        for (const { from, to } of pairs) {
          const sent = new Set<number>();
          await eventually(() => {
            sent.add(send(from, to, 0));
            return seen.some((it) => it.by === to && it.from === from && sent.has(it.index));
          }, `a message from ${from} to ${to}`);
        }
        t.is(new Set(seen.map(({ index: at }) => at)).size, seen.length, 'nothing twice');
      } finally {
        for (const down of downs) await down();
      }
    }),
    { numRuns: 30 },
  );
});
