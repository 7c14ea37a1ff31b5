import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { emptyMeta, type Transaction } from '@tso/proto';
import test, { type ExecutionContext } from 'ava';
import type { Applied } from '../store/applied.ts';
import { applyTransaction } from '../store/apply.ts';
import { Tables } from '../store/tables.ts';
import { ManualClock } from '../testing/manual-clock.ts';
import { silentLogger } from '../testing/ports.ts';
import { type AuditFiles, RealAuditFiles } from './audit-file.ts';
import { AuditLog, defaultAuditLogOptions } from './audit-log.ts';

const audit = {
  actor: 'ana',
  role: 'client',
  source: 'socket',
  manager: 'm1',
  method: '/tso.v1.Control/PutConfig',
  target: 'config key',
  requestId: 'k1',
};
const noData = { id: 'key', meta: emptyMeta, name: 'key', labels: {}, stack: '', data: Buffer.from('the password') };

const asked = (index: number): Applied => {
  const transaction: Transaction = { actions: [{ putConfig: noData }], expect: [], atMs: 1_000 * index, origin: 'api', audit };
  const result = applyTransaction(new Tables(), index, transaction);
  return { index, atMs: transaction.atMs, audit, changes: result.ok ? result.changes : [] };
};
const planned = (index: number): Applied => ({ ...asked(index), audit: undefined });

const directoryFor = async (t: ExecutionContext): Promise<string> => {
  const directory = await mkdtemp(join(tmpdir(), 'tso-audit-'));
  t.teardown(() => rm(directory, { recursive: true, force: true }));
  return directory;
};

const logIn = (
  directory: string,
  options: Partial<typeof defaultAuditLogOptions> = {},
  files: AuditFiles = new RealAuditFiles(directory),
) => {
  const clock = new ManualClock();
  return { clock, log: new AuditLog({ ...defaultAuditLogOptions, ...options }, { files, clock, logger: silentLogger }) };
};

const fresh = { lastIndex: 1_000, snapshotIndex: 0 };

type Line = { readonly index: number; readonly missed?: { readonly from: number; readonly to: number } } & Readonly<
  Record<string, unknown>
>;
const linesOf = async (directory: string, name = 'audit.log'): Promise<readonly Line[]> =>
  (await readFile(join(directory, name), 'utf8'))
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Line);
const indexes = async (directory: string): Promise<readonly number[]> => (await linesOf(directory)).map(({ index }) => index);

test('a line says who asked for what from where, and what was changed, but nothing of what is in it', async (t) => {
  const directory = await directoryFor(t);
  const { log } = logIn(directory);
  await log.start(fresh);
  log.applied(asked(7));
  log.applied(planned(8));
  await log.flushed();
  t.deepEqual(await linesOf(directory), [
    {
      at: '1970-01-01T00:00:07.000Z',
      atMs: 7_000,
      index: 7,
      ...audit,
      changes: [{ kind: 'config', id: 'key', name: 'key', action: 'create' }],
    },
  ]);
  const text = await readFile(join(directory, 'audit.log'), 'utf8');
  t.notRegex(text, /password/);
  t.is((await stat(join(directory, 'audit.log'))).mode & 0o777, 0o600);
  await log.stop();
});

test('after a restart the log is gone through again, and each line is there once', async (t) => {
  const directory = await directoryFor(t);
  const first = logIn(directory).log;
  await first.start(fresh);
  for (let index = 1; index <= 5; index += 1) first.applied(asked(index));
  await first.stop();
  const second = logIn(directory).log;
  await second.start(fresh);
  for (let index = 1; index <= 8; index += 1) second.applied(index === 6 ? planned(index) : asked(index));
  await second.stop();
  t.deepEqual(await indexes(directory), [1, 2, 3, 4, 5, 7, 8]);
});

test('a line that a crash cut off is made again', async (t) => {
  const directory = await directoryFor(t);
  const first = logIn(directory).log;
  await first.start(fresh);
  for (const index of [1, 2, 3]) first.applied(asked(index));
  await first.stop();
  const path = join(directory, 'audit.log');
  const whole = await readFile(path);
  for (const cut of [1, 10, 100]) {
    await writeFile(path, whole.subarray(0, whole.length - cut));
    const again = logIn(directory).log;
    await again.start(fresh);
    for (const index of [1, 2, 3]) again.applied(asked(index));
    await again.stop();
    t.deepEqual(await readFile(path), whole, `${cut} bytes cut off`);
  }
});

test('a file that is large enough is set aside, as many as are to be kept, and nothing is lost or doubled over it', async (t) => {
  const directory = await directoryFor(t);
  const options = { maxFileBytes: 700, keptFiles: 2 };
  const first = logIn(directory, options).log;
  await first.start(fresh);
  for (let index = 1; index <= 9; index += 1) {
    first.applied(asked(index));
    await first.flushed();
  }
  await first.stop();
  t.deepEqual((await readdir(directory)).sort(), ['audit.log', 'audit.log.1', 'audit.log.2']);
  const all = async (): Promise<readonly number[]> => [
    ...(await linesOf(directory, 'audit.log.2')).map(({ index }) => index),
    ...(await linesOf(directory, 'audit.log.1')).map(({ index }) => index),
    ...(await indexes(directory)),
  ];
  const kept = await all();
  t.deepEqual(
    kept,
    kept.map((_, at) => 10 - kept.length + at),
  );
  await writeFile(join(directory, 'audit.log'), '');
  const second = logIn(directory, options).log;
  await second.start(fresh);
  for (let index = 1; index <= 9; index += 1) second.applied(asked(index));
  await second.stop();
  t.deepEqual(await all(), kept, 'the file before tells where it ended');
});

test('what came as a whole store is said to be missing, but not what this manager had itself', async (t) => {
  const directory = await directoryFor(t);
  const { log } = logIn(directory);
  await log.start({ lastIndex: 40, snapshotIndex: 30 });
  log.replaced(30);
  log.applied(asked(31));
  log.applied(planned(32));
  log.replaced(50);
  log.applied(asked(51));
  await log.stop();
  t.deepEqual(
    (await linesOf(directory)).map(({ index, missed }) => [index, missed]),
    [
      [31, undefined],
      [50, { from: 33, to: 50 }],
      [51, undefined],
    ],
  );
  const newcomer = await directoryFor(t);
  const joined = logIn(newcomer).log;
  await joined.start({ lastIndex: 0, snapshotIndex: 0 });
  joined.replaced(50);
  await joined.stop();
  t.deepEqual((await linesOf(newcomer))[0]?.missed, { from: 1, to: 50 });
});

test('a file of another cluster is set aside', async (t) => {
  const directory = await directoryFor(t);
  const first = logIn(directory).log;
  await first.start(fresh);
  first.applied(asked(900));
  await first.stop();
  const second = logIn(directory).log;
  await second.start({ lastIndex: 3, snapshotIndex: 0 });
  second.applied(asked(4));
  await second.stop();
  t.deepEqual([await indexes(directory), (await linesOf(directory, 'audit.log.1')).map(({ index }) => index)], [[4], [900]]);
});

/** A disk that takes only so much, and leaves a part behind when it is full. */
class FullDisk implements AuditFiles {
  readonly #files: AuditFiles;
  isFull = false;

  constructor(files: AuditFiles) {
    this.#files = files;
  }
  open = () => this.#files.open();
  truncate = (bytes: number) => this.#files.truncate(bytes);
  tail = (age: number, bytes: number) => this.#files.tail(age, bytes);
  rotate = (kept: number) => this.#files.rotate(kept);
  sync = () => this.#files.sync();
  close = () => this.#files.close();
  append = async (bytes: Uint8Array): Promise<void> => {
    if (!this.isFull) return this.#files.append(bytes);
    await this.#files.append(bytes.subarray(0, 20));
    throw new Error('no space left on device');
  };
}

/** Everything that is ready to run has run. */
const written = async (until: () => Promise<boolean>): Promise<void> => {
  for (const end = Date.now() + 5_000; !(await until()); await new Promise((resolve) => setTimeout(resolve, 5))) {
    if (Date.now() > end) throw new Error('waited 5 s for the lines to be written');
  }
};

test('a full disk holds nobody up; once there is room, every line is there', async (t) => {
  const directory = await directoryFor(t);
  const files = new FullDisk(new RealAuditFiles(directory));
  const { log, clock } = logIn(directory, {}, files);
  await log.start(fresh);
  log.applied(asked(1));
  await log.flushed();
  files.isFull = true;
  log.applied(asked(2));
  await log.flushed();
  log.applied(asked(3));
  clock.advance(1_000);
  await log.flushed();
  files.isFull = false;
  await written(async () => {
    clock.advance(1_000);
    return (await readFile(join(directory, 'audit.log'), 'utf8')).includes('"index":3');
  });
  log.applied(asked(4));
  await log.stop();
  t.deepEqual(await indexes(directory), [1, 2, 3, 4]);
});

test('what could not be held while the disk was full is said to be missing', async (t) => {
  const directory = await directoryFor(t);
  const files = new FullDisk(new RealAuditFiles(directory));
  const { log, clock } = logIn(directory, { maxHeldBytes: 600 }, files);
  await log.start(fresh);
  files.isFull = true;
  for (let index = 1; index <= 20; index += 1) log.applied(asked(index));
  await log.flushed();
  files.isFull = false;
  await written(async () => {
    clock.advance(1_000);
    return (await readFile(join(directory, 'audit.log'), 'utf8')).includes('"index":2,');
  });
  await log.flushed();
  log.applied(asked(21));
  await log.stop();
  const lines = await linesOf(directory);
  const gap = lines.find(({ missed }) => missed !== undefined);
  t.is(gap?.missed?.to, 20);
  const before = lines.filter(({ index, missed }) => missed === undefined && index < 21).map(({ index }) => index);
  t.deepEqual(
    before,
    before.map((_, at) => at + 1),
  );
  t.is(gap?.missed?.from, before.length + 1);
  t.is(lines.at(-1)?.index, 21);
});
