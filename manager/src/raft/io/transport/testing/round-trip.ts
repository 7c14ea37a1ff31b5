// Measures the round trip of messages between two processes: `node round-trip.ts`, over a unix socket and over TLS on loopback.
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { testAuthority } from '@tso/proto/testing/certificates';
import { type Entry, type Message, message } from '../../../core/index.ts';
import { kill, startEcho } from './echo.ts';
import { type MemberOptions, startMember } from './member.ts';

const freePort = async (): Promise<number> => {
  const probe = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => probe.once('listening', resolve));
  const { port } = probe.address() as { readonly port: number };
  await new Promise((resolve) => probe.close(resolve));
  return port;
};

const percentile = (sorted: readonly number[], part: number): number => sorted[Math.floor((sorted.length - 1) * part)] ?? Number.NaN;
const entries = (count: number, bytes: number): Entry[] =>
  Array.from({ length: count }, (_, at) => ({ type: 'EntryNormal', term: 1, index: at + 1, data: new Uint8Array(bytes) }));

const confState = { voters: [1, 2], votersOutgoing: [], learners: [], learnersNext: [], autoLeave: false };
const snapshot = { index: 5, term: 1, confState };
async function* megabytes(count: number): AsyncIterable<Uint8Array> {
  for (let at = 0; at < count; at += 1) yield new Uint8Array(1024 * 1024);
}

const directory = await mkdtemp(join(tmpdir(), 'tso-round-trip-'));
const authority = await testAuthority();
const tls = async (node: string) => authority.issue(join(directory, node), `CN=${node}, OU=manager, O=c`);
const pairs: Readonly<Record<string, readonly [MemberOptions, MemberOptions]>> = {
  unix: [
    { raftId: 1, address: `unix:${join(directory, '1.sock')}` },
    { raftId: 2, address: `unix:${join(directory, '2.sock')}` },
  ],
  TLS: [
    { raftId: 1, address: `127.0.0.1:${await freePort()}`, tls: await tls('node-1') },
    { raftId: 2, address: `127.0.0.1:${await freePort()}`, tls: await tls('node-2') },
  ],
};
for (const [way, [own, other]] of Object.entries(pairs)) {
  const peers = [own, other].map(({ raftId, address }) => ({ raftId, nodeId: `node-${raftId}`, address }));
  const child = await startEcho({ ...other, peers });
  const member = await startMember({ ...own, peers });
  let heard: () => void = () => undefined;
  let round = 0;
  member.owner.onReceive = ({ context }) => {
    member.owner.received.length = 0;
    if (context === String(round)) heard();
    return { accepted: true };
  };
  const roundTrip = (send: Message): Promise<number> =>
    new Promise((resolve) => {
      const begun = performance.now();
      heard = () => resolve(performance.now() - begun);
      round += 1;
      member.transport.send([{ ...send, context: String(round) }]);
    });
  // Until both directions stand, messages are dropped.
  for (let answered = false; !answered; ) {
    answered = await Promise.race([
      roundTrip(message('MsgHeartbeat', { from: 1, to: 2, term: 1 })).then(() => true),
      new Promise<false>((r) => setTimeout(() => r(false), 50)),
    ]);
  }
  const timed = async (what: string, rounds: number, once: () => Promise<number>): Promise<void> => {
    for (let warm = 0; warm < rounds / 2; warm += 1) await once();
    const times: number[] = [];
    for (let round = 0; round < rounds; round += 1) times.push(await once());
    times.sort((a, b) => a - b);
    const [p50, p90, p99] = [0.5, 0.9, 0.99].map((part) => `${(percentile(times, part) * 1000).toFixed(0)} us`);
    process.stdout.write(`${way} ${what}: median ${p50}, p90 ${p90}, p99 ${p99}\n`);
  };
  const measure = (what: string, rounds: number, make: () => Message): Promise<void> => timed(what, rounds, () => roundTrip(make()));
  await measure('heartbeat', 4_000, () => message('MsgHeartbeat', { from: 1, to: 2, term: 1, commit: 7 }));
  await measure('append 1 x 1 KiB', 4_000, () => message('MsgApp', { from: 1, to: 2, term: 1, entries: entries(1, 1024) }));
  await measure('append 64 x 1 KiB', 1_000, () => message('MsgApp', { from: 1, to: 2, term: 1, entries: entries(64, 1024) }));
  await measure('append 1 MiB', 100, () => message('MsgApp', { from: 1, to: 2, term: 1, entries: entries(1024, 1024) }));
  const command = new Uint8Array(1024);
  await timed('forward 1 KiB', 2_000, async () => {
    const begun = performance.now();
    await member.transport.forward(2, command);
    return performance.now() - begun;
  });
  let pumping = true;
  const block = entries(1024, 1024);
  const pump = (): void => {
    if (!pumping) return;
    for (let at = 0; at < 4; at += 1)
      member.transport.send([message('MsgApp', { from: 1, to: 2, term: 1, context: 'bulk', entries: block })]);
    setTimeout(pump, 5);
  };
  pump();
  await measure('heartbeat among 1 MiB appends without end', 300, () => message('MsgHeartbeat', { from: 1, to: 2, term: 1 }));
  pumping = false;
  const sent = Promise.withResolvers<void>();
  member.owner.onTold = (what) => what.startsWith('snapshot') && sent.resolve();
  member.owner.onOpen = async () => ({ meta: snapshot, contents: megabytes(100) });
  const begun = performance.now();
  member.transport.send([message('MsgSnap', { from: 1, to: 2, term: 1, snapshot: { ...snapshot, data: new Uint8Array(0) } })]);
  const times: number[] = [];
  let over = false;
  void sent.promise.then(() => {
    over = true;
  });
  while (!over) {
    times.push(await roundTrip(message('MsgHeartbeat', { from: 1, to: 2, term: 1 })));
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  const tookMs = performance.now() - begun;
  times.sort((a, b) => a - b);
  const [p50, p99, most] = [0.5, 0.99, 1].map((part) => `${percentile(times, part).toFixed(1)} ms`);
  process.stdout.write(
    `${way} 100 MiB snapshot: ${tookMs.toFixed(0)} ms, ${member.owner.told.filter((it) => it.startsWith('snapshot')).join()}; ${times.length} heartbeats meanwhile: median ${p50}, p99 ${p99}, longest ${most}\n`,
  );
  await member.stop();
  await kill(child);
}
await rm(directory, { recursive: true });
