import test from 'ava';
import { createLog, logExists, openLog } from './index.ts';
import { bootstrap, contentOf, diskPorts, hard, identity, listeningLogger, options, readAll, run, synced } from './testing/disk-fixture.ts';
import { chance, MemoryFiles } from './testing/memory-files.ts';

const directory = '/memory';

test('a member that joins begins with an empty log, and takes what the leader sends', async (t) => {
  const ports = diskPorts({ files: new MemoryFiles() });
  const disk = await createLog(directory, { ...identity, raftId: 3 }, undefined, options, ports);
  t.deepEqual([disk.firstIndex(), disk.lastIndex(), disk.term(0), disk.snapshot().index, disk.logBytes], [1, 0, 0, 0, 0]);
  t.deepEqual(disk.initialState().confState.voters, []);
  await t.throwsAsync(disk.openSnapshot(), { code: 'NOT_FOUND', message: /there is none/ });
  await disk.write(synced({ entries: run(1, 3, 1), hardState: hard(1, 0, 2) }));
  await disk.close();
  const next = await openLog(directory, options, ports);
  t.is(next.identity.raftId, 3);
  t.deepEqual(contentOf(next).length, 3);
  await next.close();
});

test('a crash at any await point of the creation leaves a log, or none and room for one', async (t) => {
  const counting = new MemoryFiles();
  await (await createLog(directory, identity, bootstrap(), options, diskPorts({ files: counting }))).close();
  let none = 0;
  for (let at = 1; at <= counting.operations; at++) {
    for (let seed = 1; seed <= 4; seed++) {
      const files = new MemoryFiles();
      const ports = diskPorts({ files });
      files.arm({ at, with: 'crash' });
      await Promise.race([createLog(directory, identity, bootstrap(), options, ports), files.crashed]);
      files.reboot(chance(seed * 1_000 + at));
      const exists = await logExists(directory, ports);
      if (!exists) none += 1;
      if (!exists) await t.throwsAsync(openLog(directory, options, ports), { code: 'NOT_FOUND' });
      const disk = exists ? await openLog(directory, options, ports) : await createLog(directory, identity, bootstrap(), options, ports);
      t.deepEqual([disk.firstIndex(), disk.lastIndex(), disk.snapshot().index], [2, 1, 1], `operation ${at}, seed ${seed}`);
      t.deepEqual(disk.initialState().hardState, hard(1, 0, 1));
      t.is((await readAll((await disk.openSnapshot()).contents)).toString(), 'the beginning');
      await disk.write(synced({ entries: run(2, 3, 1), hardState: hard(1, 1, 1) }));
      await disk.close();
    }
  }
  t.true(none > 0);
});

test('opening changes nothing but what a crash left, and says what it found', async (t) => {
  const files = new MemoryFiles();
  const logger = listeningLogger();
  const disk = await createLog(directory, identity, bootstrap(), options, diskPorts({ files }));
  await disk.write(synced({ entries: run(2, 3, 1), hardState: hard(1, 1, 1) }));
  await disk.close();
  const before = files.snapshot();
  await (await openLog(directory, options, diskPorts({ files, logger }))).close();
  t.deepEqual(files.snapshot(), before);
  t.regex(logger.said.at(-1) ?? '', /^log opened .*"first":2,"last":3,"lastTerm":1,"snapshot":1,"segments":2/);
});

test('committed entries that the log does not have are missed', async (t) => {
  const files = new MemoryFiles();
  const ports = diskPorts({ files });
  const disk = await createLog(directory, identity, bootstrap(), options, ports);
  await disk.write(synced({ entries: run(2, 3, 1), hardState: hard(1, 1, 9) }));
  await disk.close();
  await t.throwsAsync(openLog(directory, options, ports), {
    code: 'DATA_LOSS',
    message: /entries up to 9 were committed, the log ends with entry 3 of term 1/,
  });
});
