import test from 'ava';
import { keyedValue, statsFromV1, statsFromV2, usageFromV1, usageFromV2 } from './stats.ts';

const v1 = {
  cpuacctUsage: '123456\n',
  memoryUsage: '1000\n',
  memoryStat: 'inactive_file 1\ntotal_inactive_file 300\n',
  memoryLimit: '9223372036854771712\n',
  pidsCurrent: '2\n',
  cpuStat: 'nr_throttled 1\nthrottled_time 9\n',
  ioServiceBytes: '8:0 Read 10\n8:0 Write 20\n8:16 Read 5\n8:0 Total 30\n',
};
const v2 = {
  cpuStat: 'usage_usec 1500\nthrottled_usec 2\n',
  memoryCurrent: '1000\n',
  memoryStat: 'anon 5\ninactive_file 300\n',
  memoryMax: 'max\n',
  pidsCurrent: '2\n',
  ioStat: '8:0 rbytes=10 wbytes=20 rios=1\n8:16 rbytes=5 wbytes=0\n',
};

test('what a task has taken is the same in both ways of measuring it', (t) => {
  t.deepEqual(usageFromV1(v1), { cpuNs: 123_456, memoryBytes: 700 });
  t.deepEqual(usageFromV2(v2), { cpuNs: 1_500_000, memoryBytes: 700 });
  t.like(statsFromV1(v1), { ...usageFromV1(v1), memoryLimitBytes: 0, blockReadBytes: 15, blockWriteBytes: 20, throttledNs: 9, pids: 2 });
  t.like(statsFromV2(v2), {
    ...usageFromV2(v2),
    memoryLimitBytes: 0,
    blockReadBytes: 15,
    blockWriteBytes: 20,
    throttledNs: 2_000,
    pids: 2,
  });
});

test('a group without a memory controller has used none, and more file cache than memory is none either', (t) => {
  t.deepEqual(usageFromV2({ cpuStat: v2.cpuStat, memoryCurrent: '', memoryStat: '' }), { cpuNs: 1_500_000, memoryBytes: 0 });
  t.is(usageFromV1({ ...v1, memoryUsage: '100\n' }).memoryBytes, 0);
});

test('a key that is not there, or has no number, counts as nothing', (t) => {
  t.is(keyedValue('a 1\nab 2\n', 'ab'), 2);
  t.is(keyedValue('a 1\n', 'b'), 0);
  t.is(keyedValue('a many\n', 'a'), 0);
});
