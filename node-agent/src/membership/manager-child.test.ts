import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { limits } from '../limits.ts';
import { CollectedLog } from '../testing/collected-log.ts';
import { eventually } from '../testing/eventually.ts';
import { ManualClock } from '../testing/manual-clock.ts';
import { ManagerChild } from './manager-child.ts';

const settings = () => ({
  nodeId: 'n',
  addressPool: '10.128.0.0/12',
  subnetPrefix: 24,
  firstVni: 4096,
  vxlanPort: 4789,
  identityDir: '/nonexistent',
  listenAddr: '',
  advertiseAddr: '',
  join: undefined,
});
const ready = `process.send({ type: 'ready' }); process.on('disconnect', () => process.exit(0));`;

interface World {
  readonly child: ManagerChild;
  /** What it was told: `locked`, `ready`, `removed`, or an unlock key. */
  readonly heard: string[];
  readonly clock: ManualClock;
  readonly log: CollectedLog;
}

/** A supervisor of a program made of these lines. */
const withChild = async (program: string, body: (world: World) => Promise<void>, runner?: string): Promise<void> => {
  const folder = await mkdtemp(join(tmpdir(), 'tso-child-'));
  const entry = join(folder, 'manager.mjs');
  await writeFile(entry, program);
  const clock = new ManualClock();
  const log = new CollectedLog();
  const paths = { dataDir: folder, runDir: folder };
  const options = { paths, entry, logLevel: 'silent', flags: ['--env-file=nope'], ...(runner === undefined ? {} : { program: runner }) };
  const child = new ManagerChild(options, { clock, logger: log });
  const heard: string[] = [];
  child.listen({
    onLocked: () => heard.push('locked'),
    onReady: () => heard.push('ready'),
    onRemoved: () => heard.push('removed'),
    onUnlockKey: (key) => heard.push(key),
  });
  try {
    await child.start();
    await body({ child, heard, clock, log });
  } finally {
    if (child.pid !== undefined) process.kill(child.pid, 'SIGKILL');
    await child.stop();
    await rm(folder, { recursive: true });
  }
};

test('a manager that ends is started again, later each time it ends at once', (t) =>
  withChild(`process.send({ type: 'ready' }, () => process.exit(7));`, async ({ child, clock, log }) => {
    await child.run(settings);
    for (const pauseMs of [2, 4, 8].map((factor) => factor * limits.managerRestartMinMs)) {
      await eventually('it is to be started again', () => clock.delays.at(-1) === pauseMs && clock.pending === 1);
      t.is(child.pid, undefined);
      clock.advance(pauseMs);
    }
    t.deepEqual(log.lines[0]?.fields, { code: 7, signal: null, pauseMs: 2 * limits.managerRestartMinMs });
  }));

test('a manager that cannot even begin is tried again, and hangs nothing', (t) =>
  withChild(
    ready,
    async ({ child, clock, log }) => {
      await child.run(settings);
      await eventually('it is to be started again', () => log.at('error').length === 1);
      await child.stop();
      t.is(clock.pending, 0);
      t.regex(String(log.lines[0]?.fields.error), /ENOENT/);
    },
    '/nonexistent/node',
  ));

test('a manager that is never ready does not hold up the agent', (t) =>
  withChild(`setInterval(() => undefined, 1_000);`, async ({ child, clock, log }) => {
    const joined = child.run(settings);
    await eventually('it is waited for', () => clock.pending === 1);
    clock.advance(limits.managerStartMs);
    await joined;
    t.deepEqual(log.at('warn'), ['the manager is not ready yet; goes on without it']);
  }));

test('a manager that does not heed the stop is killed, and none is started any more', (t) =>
  withChild(`process.on('SIGTERM', () => undefined); ${ready}`, async ({ child, clock }) => {
    await child.run(settings);
    const { pid = 0 } = child;
    const stopped = child.stop();
    await eventually('it is given a moment', () => clock.pending === 1);
    clock.advance(limits.managerStopMs);
    await stopped;
    t.throws(() => process.kill(pid, 0), { code: 'ESRCH' });
    await child.run(settings);
    t.is(child.pid, undefined);
    t.is(clock.pending, 0);
  }));

const anew = { kind: 'force-new-cluster' } as const;
const ordered = `const anew = process.argv.includes('--force-new-cluster');
process.send(anew && process.env.TSO_TEST_REFUSE ? { type: 'failed', message: 'no log' } : { type: 'ready', anew }, () => process.env.TSO_TEST_REFUSE && anew && process.exit(1));
process.on('disconnect', () => process.exit(0));
process.on('SIGTERM', () => process.exit(0));`;

test('the order to begin a new cluster is given once, and its refusal comes back in the manager’s own words', (t) =>
  withChild(ordered, async ({ child, clock }) => {
    await t.throwsAsync(child.order(anew), { code: 'FAILED_PRECONDITION', message: /runs no manager/ });
    await child.run(settings);
    const first = child.pid;
    t.deepEqual(await child.order(anew), { kind: 'ready' });
    t.not(child.pid, undefined);
    t.not(child.pid, first);
    process.env.TSO_TEST_REFUSE = 'yes';
    try {
      t.deepEqual(await child.order(anew), { kind: 'failed', message: 'no log' });
    } finally {
      delete process.env.TSO_TEST_REFUSE;
    }
    await eventually('it is to be started again as it was', () => clock.pending === 1);
    clock.advance(2 * limits.managerRestartMaxMs);
    await eventually('it runs again', () => child.pid !== undefined);
  }));

const locked = `process.on('message', (message) => {
  if (message.type === 'unlock' && message.key === 'the key') process.send({ type: 'ready' });
  else if (message.type === 'renew-tls') process.send({ type: 'unlock-key', key: 'renewed' });
  else process.exit(3);
});
process.on('disconnect', () => process.exit(0));
process.on('SIGTERM', () => process.exit(0));
process.send({ type: 'locked', why: 'its state is' });`;

test('a locked manager is opened by the key, once, and is told of another certificate', (t) =>
  withChild(locked, async ({ child, heard }) => {
    t.deepEqual(await child.run(settings), { kind: 'locked', why: 'its state is' });
    t.is(child.state, 'locked');
    t.deepEqual(await child.unlock('the key'), { kind: 'ready' });
    t.is(child.state, 'ready');
    t.like(await child.unlock('the key'), { kind: 'failed' });
    child.renewTls();
    await eventually('it answers', () => heard.length === 3);
    t.deepEqual(heard, ['locked', 'ready', 'renewed']);
  }));

const twice = `process.on('message', ({ key }) => {
  if (key === 'second') process.send({ type: 'ready' });
  else process.send({ type: 'locked', why: 'its state still is' });
});
process.on('disconnect', () => process.exit(0));
process.on('SIGTERM', () => process.exit(0));
process.send({ type: 'locked', why: 'its key is' });`;

test('a manager that one key does not open asks for another, in the same life', (t) =>
  withChild(twice, async ({ child, heard }) => {
    await child.run(settings);
    t.deepEqual(await child.unlock('first'), { kind: 'locked', why: 'its state still is' });
    t.is(child.state, 'locked');
    t.deepEqual(await child.unlock('second'), { kind: 'ready' });
    t.deepEqual(heard, ['locked', 'locked', 'ready']);
  }));

test('a key that ends the manager keeps nothing open: the next one waits for a key again', (t) =>
  withChild(locked, async ({ child, heard, clock }) => {
    await child.run(settings);
    t.like(await child.unlock('another key'), { kind: 'failed', message: 'it ended with exit code 3' });
    await eventually('it is to be started again', () => clock.pending === 1);
    clock.advance(limits.managerRestartMaxMs);
    await eventually('it waits', () => child.state === 'locked');
    t.deepEqual(heard, ['locked', 'locked']);
  }));

const removed = `process.on('SIGTERM', () => undefined);
process.send({ type: 'ready' }, () => process.send({ type: 'removed' }, () => setTimeout(() => process.exit(1), 50)));`;

test('a manager that left the group for good is not started again, and counts as there until it has ended', (t) =>
  withChild(removed, async ({ child, heard, clock }) => {
    await child.run(settings);
    await eventually('it says so', () => heard.includes('removed'));
    t.true(child.isThere);
    await eventually('it ended', () => child.pid === undefined);
    t.false(child.isThere);
    t.is(clock.pending, 0);
    t.is(child.state, 'none');
  }));

const flags = `process.send({ type: 'failed', message: process.argv.slice(2).join(' ') }, () => process.exit(1));`;

test('a flag for the manager is its own, also one that Node.js has', (t) =>
  withChild(flags, async ({ child }) => {
    const answer = await child.run(settings);
    t.regex(answer.kind === 'failed' ? answer.message : '', /--env-file=nope/);
    await eventually('it has ended', () => child.pid === undefined);
  }));

test('each start asks for the settings anew, and a manager that was halted runs again when it is told to', (t) =>
  withChild(flags, async ({ child, clock }) => {
    const joins = ['a:1', 'b:1', 'c:1'];
    const changing = () => ({ ...settings(), listenAddr: '0.0.0.0:1', advertiseAddr: 'x:1', join: joins.shift() });
    const first = await child.run(changing);
    t.regex(first.kind === 'failed' ? first.message : '', /--peer-listen 0\.0\.0\.0:1 --peer-address x:1 --join a:1/);
    await eventually('it is to be started again', () => clock.pending === 1);
    await child.halt();
    t.is(clock.pending, 0);
    const again = await child.run(changing);
    t.regex(again.kind === 'failed' ? again.message : '', /--join b:1/);
  }));

test('figures are asked for once while the answer is awaited, also of a manager that hangs', (t) =>
  withChild(
    `${ready} let asked = 0; process.on('message', ({ type, id }) => {
      if (type !== 'metrics') return;
      asked += 1;
      if (asked > 1) process.send({ type: 'metrics', id, text: String(asked) });
      else setTimeout(() => process.send({ type: 'metrics', id, text: 'first' }), 50);
    });`,
    async ({ child }) => {
      t.is(await child.metrics(), '');
      await child.run(settings);
      t.deepEqual(await Promise.all([child.metrics(), child.metrics(), child.metrics()]), ['first', 'first', 'first']);
      t.is(await child.metrics(), '2');
      const last = child.metrics();
      await child.halt();
      t.true(['', '3'].includes(await last));
    },
  ));
