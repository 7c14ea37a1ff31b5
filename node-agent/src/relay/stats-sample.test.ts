import test from 'ava';
import fc from 'fast-check';
import { cpuPercent, networkBytes, type Reading, sampleOf } from './stats-sample.ts';

const stats = { cpuNs: 0, memoryBytes: 10, memoryLimitBytes: 0, pids: 1, blockReadBytes: 1, blockWriteBytes: 2, throttledNs: 3 };
const reading = (monotonicMs: number, cpuNs: number): Reading => ({
  atMs: 1_000_000 + monotonicMs,
  monotonicMs,
  stats: { ...stats, cpuNs },
  network: { rxBytes: 5, txBytes: 6 },
});

test('two CPUs used throughout are 200 percent, whatever the time between two readings', (t) => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 100_000 }), fc.nat(1e9), (elapsedMs, startNs) => {
      t.true(Math.abs(cpuPercent(reading(elapsedMs, startNs + 2 * elapsedMs * 1e6), reading(0, startNs)) - 200) < 1e-6);
    }),
  );
});

test('without an earlier reading, and when the counter began anew, nothing was used', (t) => {
  t.is(cpuPercent(reading(1_000, 500), undefined), 0);
  t.is(cpuPercent(reading(1_000, 500), reading(0, 900)), 0);
  t.is(cpuPercent(reading(1_000, 500), reading(1_000, 0)), 0);
});

test('what went over all devices but the loopback is added up', (t) => {
  const text = `Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
    lo: 9999 1 0 0 0 0 0 0 9999 1 0 0 0 0 0 0
  eth0:1500 10 0 0 0 0 0 0 700 5 0 0 0 0 0 0
 eth1: 500 10 0 0 0 0 0 0 1 5 0 0 0 0 0 0
`;
  t.deepEqual(networkBytes(text), { rxBytes: 2_000, txBytes: 701 });
  t.deepEqual(networkBytes(''), { rxBytes: 0, txBytes: 0 });
});

test('a container without a limit has that of the host, and none has more', (t) => {
  const limit = (memoryLimitBytes: number): number =>
    sampleOf('a', { ...reading(0, 0), stats: { ...stats, memoryLimitBytes } }, undefined, 1_000).memoryLimitBytes;
  t.deepEqual([limit(0), limit(400), limit(4_000)], [1_000, 400, 1_000]);
});

test('a sample holds every figure', (t) => {
  t.deepEqual(sampleOf('a', reading(1_000, 5e8), reading(0, 0), 1_000), {
    taskId: 'a',
    atMs: 1_001_000,
    cpuNs: 5e8,
    cpuPercent: 50,
    memoryBytes: 10,
    memoryLimitBytes: 1_000,
    networkRxBytes: 5,
    networkTxBytes: 6,
    blockReadBytes: 1,
    blockWriteBytes: 2,
    pids: 1,
    throttledNs: 3,
  });
});
