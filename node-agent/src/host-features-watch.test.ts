import { release } from 'node:os';
import test from 'ava';
import type { KernelTexts } from './host-features.ts';
import { HostFeaturesWatch, readKernelTexts } from './host-features-watch.ts';
import { limits } from './limits.ts';
import { CollectedLog } from './testing/collected-log.ts';
import { ManualClock } from './testing/manual-clock.ts';

const watchOf = (read: () => Promise<KernelTexts>) => {
  const clock = new ManualClock();
  const logger = new CollectedLog();
  const changes: number[] = [];
  const watch = new HostFeaturesWatch({ read, clock, logger, onChange: () => changes.push(clock.now()) });
  return { clock, logger, changes, watch };
};

test('what a host can do is looked at again each hour, and told when it is another', async (t) => {
  let fileSystems = '\text4\n';
  const { clock, changes, watch } = watchOf(async () => ({ fileSystems, parts: [], loadsModules: false, modules: undefined }));
  await watch.start();
  t.deepEqual(watch.current.fileSystems, ['ext4']);
  for (const [text, told] of [
    ['\text4\n', 1],
    ['\text4\n\txfs\n', 2],
  ] as const) {
    fileSystems = text;
    clock.advance(limits.featuresAgainMs);
    await new Promise(setImmediate);
    t.is(changes.length, told);
  }
  t.deepEqual(watch.current.fileSystems, ['ext4', 'xfs']);
  await watch.stop();
  t.is(clock.pending, 0);
});

test('what cannot be read keeps nothing from the host, and is looked at again', async (t) => {
  const { clock, logger, watch } = watchOf(() => Promise.reject(new Error('permission denied')));
  await watch.start();
  t.deepEqual(watch.current, { networkDrivers: [], fileSystems: [] });
  t.is(logger.lines.length, 1);
  t.is(clock.pending, 1);
  await watch.stop();
});

test('the kernel of this host has a file system at least', async (t) => {
  const { fileSystems, parts } = await readKernelTexts(release());
  t.regex(fileSystems, /\bproc$/m);
  t.true(parts.length > 0);
});
