import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { formatUnlockKey, parseUnlockKey } from '@tso/proto';
import test, { type ExecutionContext } from 'ava';
import { emptyConfState } from '../raft/core/index.ts';
import { createLog, defaultDiskOptions, openLog } from '../raft/io/index.ts';
import { realClock, realRandom, silentLogger } from '../testing/ports.ts';
import { relockAsideLogs } from './aside-logs.ts';
import { StoreMachine } from './store-machine.ts';

const ports = { clock: realClock, random: realRandom, logger: silentLogger };
const keyOf = (byte: number): string => formatUnlockKey(new Uint8Array(32).fill(byte));
const optionsFor = (key: string | undefined) => ({
  ...defaultDiskOptions,
  ...(key === undefined ? {} : { keyEncryptionKey: parseUnlockKey(key) }),
});

const stateDir = async (t: ExecutionContext): Promise<string> => {
  const directory = await mkdtemp(join(tmpdir(), 'tso-aside-'));
  t.teardown(() => rm(directory, { recursive: true, force: true }));
  return directory;
};

const makeLog = async (directory: string, key: string | undefined): Promise<string> => {
  const bootstrap = { index: 1, term: 1, confState: { ...emptyConfState, voters: [1] }, contents: new StoreMachine().capture() };
  const log = await createLog(directory, { groupId: 'g', raftId: 1, nodeId: 'n1' }, bootstrap, optionsFor(key), ports);
  await log.close();
  return directory;
};

const opens = async (directory: string, key: string | undefined): Promise<boolean> => {
  try {
    const log = await openLog(directory, optionsFor(key), ports);
    const fits = log.isLocked === (key !== undefined);
    await log.close();
    return fits;
  } catch {
    return false;
  }
};

test('logs that were set aside open with the key of the cluster alone, from on to rotate to off', async (t) => {
  const state = await stateDir(t);
  const logs = [await makeLog(join(state, 'raft.before-a'), undefined), await makeLog(join(state, 'raft.before-restore-b'), keyOf(1))];
  await writeFile(join(state, 'raft.before-notes'), 'no folder');
  await mkdir(join(state, 'raft.before-empty'));
  const before = await readFile(join(state, 'raft.before-a', 'raft-keys.json'), 'utf8');
  t.regex(before, /"key"/);
  t.deepEqual(await relockAsideLogs(state, { to: keyOf(1), known: [keyOf(1)] }, ports), []);
  for (const log of logs) t.deepEqual([await opens(log, keyOf(1)), await opens(log, undefined)], [true, false]);
  t.deepEqual(await relockAsideLogs(state, { to: keyOf(2), known: [keyOf(1)] }, ports), []);
  for (const log of logs) t.deepEqual([await opens(log, keyOf(2)), await opens(log, keyOf(1))], [true, false]);
  t.deepEqual(await relockAsideLogs(state, { to: keyOf(2), known: [keyOf(1)] }, ports), [], 'once more changes nothing');
  t.deepEqual(await relockAsideLogs(state, { to: undefined, known: [keyOf(2)] }, ports), []);
  for (const log of logs) t.true(await opens(log, undefined));
});

test('a log that no known key opens, or whose keys are damaged, stays as it is and is named', async (t) => {
  const state = await stateDir(t);
  const other = await makeLog(join(state, 'raft.before-a'), keyOf(9));
  const damaged = await makeLog(join(state, 'raft.before-b'), undefined);
  await writeFile(join(damaged, 'raft-keys.json'), '{');
  const last = await makeLog(join(state, 'raft.before-c'), undefined);
  const left = await relockAsideLogs(state, { to: keyOf(1), known: [keyOf(2)] }, ports);
  t.deepEqual(
    left.map(({ path }) => path),
    [other, damaged],
  );
  t.regex(left[0]?.why ?? '', /does not unlock/);
  t.true(await opens(other, keyOf(9)));
  t.true(await opens(last, keyOf(1)));
});
