import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { newTaskStatus, TaskState } from '@tso/proto';
import test from 'ava';
import { LocalState, type TaskRecord } from './local-state.ts';
import { taskRecordsDir } from './paths.ts';
import { taskNamed } from './testing/agent-world.ts';
import { CollectedLog } from './testing/collected-log.ts';

const record: TaskRecord = {
  task: taskNamed('web'),
  status: { ...newTaskStatus, state: TaskState.RUNNING, exitCode: 0 },
  imageId: 'sha256:1',
  stopSignal: 'SIGQUIT',
  stopSentAtMs: 5,
  drainingSinceMs: 4,
  postStarted: true,
  preStopAtMs: 3,
  end: { ...newTaskStatus, state: TaskState.FAILED, error: 'why' },
  unassigned: true,
};

const withState = async (body: (state: LocalState, folder: string, log: CollectedLog) => Promise<void>): Promise<void> => {
  const dataDir = await mkdtemp(join(tmpdir(), 'tso-state-'));
  const log = new CollectedLog();
  const paths = { dataDir, runDir: dataDir };
  const state = new LocalState({ paths }, { logger: log });
  try {
    await state.start();
    await body(state, taskRecordsDir(paths), log);
  } finally {
    await rm(dataDir, { recursive: true });
  }
};

test('a record that could not be written leaves no half of it', (t) =>
  withState(async (state, folder) => {
    await mkdir(join(folder, `${record.task.id}.json`));
    await t.throwsAsync(state.putTask(record));
    t.deepEqual(await readdir(folder), [`${record.task.id}.json`]);
  }));

test('a record comes back as it was put, and is gone when it is removed', (t) =>
  withState(async (state) => {
    await state.putTask(record);
    t.deepEqual(await state.tasks(), [record]);
    await state.putTask({ ...record, mountImageIds: ['sha256:2'] });
    t.deepEqual((await state.tasks())[0]?.mountImageIds, ['sha256:2']);
    await state.putTask({ ...record, end: undefined });
    t.deepEqual(await state.tasks(), [{ ...record, end: undefined }]);
    await state.removeTask(record.task.id);
    await state.removeTask(record.task.id);
    t.deepEqual(await state.tasks(), []);
  }));

test('a damaged record is put aside and said, the others are read', (t) =>
  withState(async (state, folder, log) => {
    await state.putTask(record);
    await writeFile(join(folder, 'cut.json'), '{"task":"');
    await writeFile(join(folder, 'empty.json'), '{}');
    t.is((await state.tasks()).length, 1);
    t.is(log.at('error').length, 2);
    t.is((await state.tasks()).length, 1);
    t.is(log.at('error').length, 2);
  }));

test('what a crash in the middle of a write left is deleted at the start', (t) =>
  withState(async (state, folder) => {
    await writeFile(join(folder, `${record.task.id}.json.tmp`), '{"task":"');
    await state.start();
    t.deepEqual(await readdir(folder), []);
  }));
