import test from 'ava';
import { limits } from './limits.ts';
import type { ContainerUsage } from './runtime/types.ts';
import { CollectedLog } from './testing/collected-log.ts';
import { eventually } from './testing/eventually.ts';
import { ManualClock } from './testing/manual-clock.ts';
import { UsageMeter } from './usage-meter.ts';

const meterOf = (usage: (id: string) => Promise<ContainerUsage | undefined>) => {
  const clock = new ManualClock();
  const logger = new CollectedLog();
  const worker = { isAlive: (id: string) => id !== 'gone' };
  return { clock, logger, meter: new UsageMeter({ containers: { usage }, worker, clock, logger }) };
};

test('what is asked for is measured once, and taken once', async (t) => {
  const { clock, meter } = meterOf(async () => ({ cpuNs: 7, memoryBytes: 8 }));
  meter.measure(['a', 'b']);
  await new Promise(setImmediate);
  const atMs = clock.monotonic();
  t.deepEqual(meter.take(), [
    { taskId: 'a', atMs, cpuNs: 7, memoryBytes: 8 },
    { taskId: 'b', atMs, cpuNs: 7, memoryBytes: 8 },
  ]);
  t.deepEqual(meter.take(), []);
});

test('tasks that are gone, or have no control group, are left out', async (t) => {
  const { meter } = meterOf(async (id) => (id === 'a' ? { cpuNs: 1, memoryBytes: 1 } : undefined));
  meter.measure(['gone', 'lost', 'a']);
  await new Promise(setImmediate);
  t.deepEqual(
    meter.take().map(({ taskId }) => taskId),
    ['a'],
  );
});

test('a measurement that hangs is not joined by others, and one that fails is told', async (t) => {
  const first = Promise.withResolvers<undefined>();
  let asked = 0;
  const { logger, meter } = meterOf(() => {
    asked += 1;
    return first.promise;
  });
  meter.measure(['a']);
  meter.measure(['a']);
  t.is(asked, 1);
  first.reject(new Error('the control group cannot be read'));
  await eventually('it is told', () => logger.lines.length === 1);
  meter.measure(['a']);
  t.is(asked, 2);
});

test('of very many tasks only so many are measured', async (t) => {
  let asked = 0;
  const { meter } = meterOf(async () => {
    asked += 1;
    return undefined;
  });
  meter.measure(Array.from({ length: limits.measuredTasks + 1 }, (_, index) => `task-${index}`));
  await new Promise((resolve) => setTimeout(resolve, 0));
  await eventually('all are asked', () => asked === limits.measuredTasks);
  t.is(asked, limits.measuredTasks);
});
