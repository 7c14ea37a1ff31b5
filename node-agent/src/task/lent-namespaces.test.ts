import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ContainerSpec, emptyContainerSpec, emptyHook, emptyTaskSpec, type Task, TaskState } from '@tso/proto';
import test from 'ava';
import type { IdShift } from '../image/types.ts';
import { type AgentPaths, sharedMemoryDir } from '../paths.ts';
import type { ContainerObservation } from '../runtime/types.ts';
import { AgentWorld, taskNamed } from '../testing/agent-world.ts';
import { eventually } from '../testing/eventually.ts';
import { lentNamespaces, requireLenders } from './lent-namespaces.ts';

const lender = taskNamed('db');
const taskWith = (spec: Partial<ContainerSpec>, change: Partial<Task> = {}): Task =>
  taskNamed('web', { spec: { ...emptyTaskSpec, container: { ...emptyContainerSpec, image: 'app:1', ...spec } }, ...change });
const process_ = { pid: 77, pidStartTime: '1', conmonPid: 1, conmonStartTime: '1' };
const containers = (observed: ContainerObservation, lenderShift?: IdShift) => ({
  observe: async () => observed,
  files: async () => ({ process: undefined, rootfs: '/', readOnly: false, binds: [], shift: lenderShift }),
});
const running = containers({ state: 'running', process: process_, paused: false });

const inFolder = async (body: (paths: AgentPaths) => Promise<void>): Promise<void> => {
  const folder = await mkdtemp(join(tmpdir(), 'tso-lent-'));
  try {
    await body({ dataDir: folder, runDir: folder });
  } finally {
    await rm(folder, { recursive: true });
  }
};

test('a task that shares nothing joins nothing, one that lends its IPC has its memory where others can have it', (t) =>
  inFolder(async (paths) => {
    t.deepEqual(await lentNamespaces(taskWith({ pidMode: 'host', ipcMode: 'private' }), paths, undefined, running), {});
    const lends = taskWith({ ipcMode: 'shareable' });
    t.deepEqual(await lentNamespaces(lends, paths, undefined, running), { sharedMemory: sharedMemoryDir(paths, lends.id) });
  }));

test('who shares processes and IPC joins the namespaces of the first process of each, and the user namespace that owns them', (t) =>
  inFolder(async (paths) => {
    await mkdir(sharedMemoryDir(paths, lender.id), { recursive: true });
    const task = taskWith({ pidMode: 'service:db', ipcMode: 'service:db' }, { pidOf: lender.id, ipcOf: lender.id });
    t.deepEqual(await lentNamespaces(task, paths, undefined, running), {
      pidNamespace: '/proc/77/ns/pid',
      ipcNamespace: '/proc/77/ns/ipc',
      userNamespace: '/proc/77/ns/user',
      sharedMemory: sharedMemoryDir(paths, lender.id),
    });
  }));

test('who is to share what nobody has is refused with a sentence, also when it went meanwhile', (t) =>
  inFolder(async (paths) => {
    const task = taskWith({ pidMode: 'service:db' }, { pidOf: lender.id });
    const gone = containers({ state: 'exited', exit: { id: lender.id, exitCode: 0, oomKilled: false, atMs: 0 } });
    await t.throwsAsync(lentNamespaces({ ...task, pidOf: '' }, paths, undefined, running), {
      code: 'FAILED_PRECONDITION',
      message: 'it is to share processes (service:db), and no task was found that has them',
    });
    const message = 'it is to share processes (service:db), and the container that has them is gone';
    await t.throwsAsync(lentNamespaces(task, paths, undefined, gone), { message });
    await t.throwsAsync(requireLenders(task, gone), { message });
    await requireLenders(task, running);
    await t.throwsAsync(lentNamespaces(taskWith({ ipcMode: 'service:db' }, { ipcOf: lender.id }), paths, undefined, running), {
      message: 'it is to share IPC (service:db), and that container keeps its own to itself',
    });
  }));

test('who has other user ids than the host cannot share what one with those of the host has, and is told how it can', (t) =>
  inFolder(async (paths) => {
    const shift = { base: 200_000, size: 65_536 };
    const observed: ContainerObservation = { state: 'running', process: process_, paused: false };
    await mkdir(sharedMemoryDir(paths, lender.id), { recursive: true });
    for (const [what, task] of [
      ['processes (service:db)', taskWith({ pidMode: 'service:db' }, { pidOf: lender.id })],
      ['IPC (service:db)', taskWith({ ipcMode: 'service:db' }, { ipcOf: lender.id })],
    ] as const) {
      await t.throwsAsync(lentNamespaces(task, paths, shift, containers(observed)), {
        code: 'FAILED_PRECONDITION',
        message: `it is to share ${what}, and that container has the user ids of the host, which this one has not`,
      });
      t.is((await lentNamespaces(task, paths, shift, containers(observed, shift))).userNamespace, '/proc/77/ns/user');
      // Root of the host may go into any namespace.
      await t.notThrowsAsync(lentNamespaces(task, paths, undefined, containers(observed, shift)));
    }
  }));

test('who shares processes waits for the container that has them, and ends with it', (t) =>
  AgentWorld.run(async (world) => {
    const borrower = taskWith({ pidMode: 'service:db' }, { pidOf: lender.id });
    await world.start();
    const hold = world.script.holdNext('container.create');
    await world.assign(lender, borrower);
    await hold.reached;
    await eventually('all else of the borrower is done', () => world.script.calls.includes(`network.attach ${borrower.id}`));
    t.deepEqual(world.script.named('container.create'), ['container.create']);
    hold.release();
    await eventually('both run', () => [lender, borrower].every((it) => world.isIn(it, TaskState.RUNNING)));
    world.host.exit(lender.id, 0);
    await eventually('it has ended', () => world.isIn(borrower, TaskState.SHUTDOWN));
    t.is(world.last(lender)?.state, TaskState.COMPLETE);
    t.regex(world.last(borrower)?.error ?? '', /^the task db\S*, whose processes it shares, has ended, and it ends with it$/);
    t.deepEqual(world.host.signals, [`SIGTERM ${borrower.id}`]);
  }));

test('who shares processes is rejected when the task that has them does not come to have a container', (t) =>
  AgentWorld.run(async (world) => {
    const borrower = taskWith({ pidMode: 'service:db' }, { pidOf: lender.id });
    await world.start();
    world.script.failNext('container.create', new Error('no room'));
    await world.assign(lender, borrower);
    await eventually('it is rejected', () => world.isIn(borrower, TaskState.REJECTED));
    t.regex(world.last(borrower)?.error ?? '', /^it is to share processes \(service:db\), and the container that has them is gone/);
  }));

test('a hook before the start is given no namespaces of a container that went while its own was made', (t) =>
  AgentWorld.run(async (world) => {
    const borrower = taskWith({ pidMode: 'service:db', preStart: [{ ...emptyHook, command: ['migrate'] }] }, { pidOf: lender.id });
    await world.start();
    const [first, second, hook] = [1, 2, 3].map(() => world.script.holdNext('container.create'));
    first?.release();
    second?.release();
    await world.assign(lender, borrower);
    await hook?.reached;
    t.true(world.script.calls.includes(`container.create ${borrower.id}-pre-0`));
    world.host.exit(lender.id, 0);
    hook?.release();
    await eventually('it is rejected', () => world.isIn(borrower, TaskState.REJECTED));
    t.regex(world.last(borrower)?.error ?? '', /^it is to share processes \(service:db\), and the container that has them is gone/);
    await eventually('nothing is left', () => world.host.leftovers().length === 0);
  }));

test('who shares processes ends with the container that has them also while a hook before its start goes on', (t) =>
  AgentWorld.run(async (world) => {
    const borrower = taskWith({ pidMode: 'service:db', preStart: [{ ...emptyHook, command: ['migrate'] }] }, { pidOf: lender.id });
    await world.start();
    await world.assign(lender, borrower);
    await eventually('the hook runs', () => world.host.containers.get(`${borrower.id}-pre-0`)?.state === 'running');
    world.host.exit(lender.id, 0);
    await eventually('it has ended', () => world.isIn(borrower, TaskState.SHUTDOWN));
    t.regex(world.last(borrower)?.error ?? '', /whose processes it shares, has ended, and it ends with it$/);
    await eventually('nothing is left', () => world.host.leftovers().length === 0);
  }));
