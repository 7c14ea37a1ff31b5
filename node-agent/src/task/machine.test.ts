import { type ContainerSpec, emptyHook, HealthState, newTaskStatus, type Task, TaskState } from '@tso/proto';
import test from 'ava';
import fc from 'fast-check';
import type { TaskRecord } from '../local-state.ts';
import type { ContainerObservation, ContainerProcess } from '../runtime/types.ts';
import { taskNamed } from '../testing/agent-world.ts';
import { nextOperation, type Situation, type StepName, stepNames } from './machine.ts';

const task = taskNamed('web', { id: 'a'.repeat(25) });
const process: ContainerProcess = { pid: 10, pidStartTime: '1', conmonPid: 9, conmonStartTime: '1' };
const running: ContainerObservation = { state: 'running', process, paused: false };
const frozen: ContainerObservation = { state: 'running', process, paused: true };
const exited = (exitCode: number, oomKilled = false): ContainerObservation => ({
  state: 'exited',
  exit: { id: task.id, exitCode, oomKilled, atMs: 900 },
});
const recordIn = (state: TaskState, change: Partial<TaskRecord> = {}): TaskRecord => ({
  task,
  status: { ...newTaskStatus, state },
  imageId: '',
  stopSignal: '',
  stopSentAtMs: 0,
  drainingSinceMs: 0,
  postStarted: false,
  preStopAtMs: 0,
  end: undefined,
  unassigned: false,
  ...change,
});
const situation = (change: Partial<Situation>): Situation => ({
  record: recordIn(TaskState.ASSIGNED),
  done: new Set(),
  cleaned: false,
  preStarted: false,
  lenderEnded: '',
  cleanAgainAtMs: undefined,
  observed: { state: 'none' },
  health: { state: HealthState.HEALTH_NONE, failure: '' },
  now: 1_000,
  ...change,
});
const wished = (desiredState: TaskState): Task => ({ ...task, desiredState });

test('a task is prepared in the order of what its steps need, side by side where they need nothing of each other, then ready', (t) => {
  const rounds: (readonly StepName[])[] = [];
  const done = new Set<StepName>();
  for (let round = 0; round < stepNames.length; round += 1) {
    const operation = nextOperation(situation({ record: recordIn(TaskState.PREPARING), done }));
    if (operation.kind !== 'steps') break;
    rounds.push(operation.steps);
    for (const name of operation.steps) done.add(name);
  }
  t.deepEqual(rounds, [['image'], ['rootfs', 'files', 'network', 'ports'], ['volumes'], ['container'], ['hooks']]);
  const operation = nextOperation(situation({ record: recordIn(TaskState.PREPARING), done }));
  t.is(operation.kind === 'report' && operation.status.state, TaskState.READY);
});

test('a ready task waits for the wish to run, and for no instant of a clock that is not its own', (t) => {
  const placed = recordIn(TaskState.READY, { task: { ...task, notBeforeMs: 5_000 } });
  const starts = nextOperation(situation({ record: placed, observed: { state: 'created', process } }));
  t.is(starts.kind === 'report' && starts.status.state, TaskState.STARTING);
  const held = recordIn(TaskState.READY, { task: wished(TaskState.READY) });
  t.deepEqual(nextOperation(situation({ record: held, observed: { state: 'created', process } })), { kind: 'wait', untilMs: undefined });
});

test('a started task without a health check runs at once, with one only when healthy', (t) => {
  const record = recordIn(TaskState.STARTING);
  const plain = nextOperation(situation({ record, observed: running }));
  t.is(plain.kind === 'report' && plain.status.state, TaskState.RUNNING);
  const starting = nextOperation(situation({ record, observed: running, health: { state: HealthState.HEALTH_STARTING, failure: '' } }));
  t.is(starting.kind === 'report' && starting.status.state, TaskState.STARTING);
  const healthy = nextOperation(situation({ record, observed: running, health: { state: HealthState.HEALTHY, failure: '' } }));
  t.is(healthy.kind === 'report' && healthy.status.state, TaskState.RUNNING);
  const sick = nextOperation(situation({ record, observed: running, health: { state: HealthState.UNHEALTHY, failure: 'refused' } }));
  t.true(sick.kind === 'end' && sick.status.error.includes('refused'));
});

test('one that runs and becomes unhealthy says so before it is asked to end: others are to send it nobody meanwhile', (t) => {
  const sick = { observed: running, health: { state: HealthState.UNHEALTHY, failure: 'refused' } };
  const record = recordIn(TaskState.RUNNING);
  const told = nextOperation(situation({ record, ...sick }));
  t.like(told, { kind: 'report', status: { state: TaskState.RUNNING, health: HealthState.UNHEALTHY } });
  const after = recordIn(TaskState.RUNNING, { status: { ...record.status, health: HealthState.UNHEALTHY } });
  const ended = nextOperation(situation({ record: after, ...sick }));
  t.true(ended.kind === 'end' && ended.status.state === TaskState.FAILED && ended.status.error.includes('refused'));
});

test('an exit with code 0 is complete, another one failed with the code in its sentence', (t) => {
  const record = recordIn(TaskState.RUNNING);
  const complete = nextOperation(situation({ record, observed: exited(0) }));
  t.is(complete.kind === 'end' && complete.status.state, TaskState.COMPLETE);
  const failed = nextOperation(situation({ record, observed: exited(3) }));
  t.true(failed.kind === 'end' && failed.status.state === TaskState.FAILED && failed.status.error.includes('code 3'));
});

test('a kill for memory says so and what to raise', (t) => {
  const record = recordIn(TaskState.RUNNING, {
    task: { ...task, spec: { ...task.spec, limits: { nanoCpus: 0, memoryBytes: 64 * 1024 * 1024, pids: 0 } } },
  });
  const operation = nextOperation(situation({ record, observed: exited(137, true) }));
  t.true(operation.kind === 'end' && /64 MiB.*mem_limit/.test(operation.status.error));
});

test('a task that is to stop gets its stop signal, then its grace, then the kill', (t) => {
  const record = recordIn(TaskState.RUNNING, { task: wished(TaskState.SHUTDOWN) });
  t.deepEqual(nextOperation(situation({ record, observed: running })), { kind: 'signal', signal: 'SIGTERM' });
  const ofImage = { ...record, stopSignal: 'SIGQUIT' };
  t.deepEqual(nextOperation(situation({ record: ofImage, observed: running })), { kind: 'signal', signal: 'SIGQUIT' });
  const signalled = { ...record, stopSentAtMs: 1_000 };
  t.deepEqual(nextOperation(situation({ record: signalled, observed: running, now: 2_000 })), { kind: 'wait', untilMs: 11_000 });
  const kill = nextOperation(situation({ record: signalled, observed: running, now: 11_000 }));
  t.like(kill, { kind: 'kill', status: { state: TaskState.SHUTDOWN, exitCode: 137, message: 'killed: it did not stop within 10 s' } });
  const ended = nextOperation(situation({ record: signalled, observed: exited(143) }));
  t.true(ended.kind === 'end' && ended.status.state === TaskState.SHUTDOWN && ended.status.exitCode === 143);
});

const draining = (change: Partial<TaskRecord> = {}, taskChange: Partial<Task> = {}): TaskRecord =>
  recordIn(TaskState.RUNNING, { task: { ...wished(TaskState.SHUTDOWN), drainMs: 1_000, ...taskChange }, ...change });

test('a task that served leaves all answers first, goes on for its drain time, and gets its stop signal then', (t) => {
  t.deepEqual(nextOperation(situation({ record: draining(), observed: running, now: 5_000 })), { kind: 'drain' });
  const record = draining({ drainingSinceMs: 5_000 });
  t.deepEqual(nextOperation(situation({ record, observed: running, now: 5_500 })), { kind: 'wait', untilMs: 6_000 });
  t.is(nextOperation(situation({ record, observed: running, now: 6_000 })).kind, 'signal');
  const ended = nextOperation(situation({ record, observed: exited(0), now: 5_500 }));
  t.true(ended.kind === 'end' && ended.status.state === TaskState.SHUTDOWN);
});

test('who has nothing to drain is asked to end at once', (t) => {
  const kind = (record: TaskRecord, seen: Partial<Situation> = {}): string =>
    nextOperation(situation({ record, observed: running, now: 5_100, ...seen })).kind;
  const since = { drainingSinceMs: 5_000 };
  t.is(kind(draining(since)), 'wait');
  t.is(kind(draining(since, { drainMs: 0 })), 'signal');
  t.is(kind(draining(since, { desiredState: TaskState.REMOVE })), 'wait', 'as when its service is scaled down');
  t.is(kind(draining({ ...since, unassigned: true })), 'signal');
  t.is(kind(draining({ ...since, status: { ...newTaskStatus, state: TaskState.STARTING } })), 'signal');
  t.is(kind(draining(since), { health: { state: HealthState.UNHEALTHY, failure: 'x' } }), 'signal');
});

test('a clock that is set back while a task drains makes it wait anew, not for as long as that was', (t) => {
  const record = draining({ drainingSinceMs: 3_600_000 });
  t.deepEqual(nextOperation(situation({ record, observed: running, now: 2_000 })), { kind: 'drain' });
});

test('a clock that is set back while a task stops does not put the kill off: it is asked again, and has its grace from then', (t) => {
  const signalled = recordIn(TaskState.RUNNING, { task: wished(TaskState.SHUTDOWN), stopSentAtMs: 3_601_000 });
  t.deepEqual(nextOperation(situation({ record: signalled, observed: running, now: 2_000 })), { kind: 'signal', signal: 'SIGTERM' });
  const again = { ...signalled, stopSentAtMs: 2_000 };
  t.is(nextOperation(situation({ record: again, observed: running, now: 12_000 })).kind, 'kill');
});

test('an end is cleaned up before it is reported', (t) => {
  const end = { ...newTaskStatus, state: TaskState.FAILED };
  const record = recordIn(TaskState.RUNNING, { end });
  t.is(nextOperation(situation({ record })).kind, 'clean');
  t.deepEqual(nextOperation(situation({ record, cleaned: true })), { kind: 'report', status: end });
});

test('a task whose health check failed is asked to end like any other, then cleaned up', (t) => {
  const end = { ...newTaskStatus, state: TaskState.FAILED };
  const record = recordIn(TaskState.RUNNING, { end });
  t.is(nextOperation(situation({ record, observed: running })).kind, 'signal');
  const signalled = { ...record, stopSentAtMs: 1_000 };
  t.deepEqual(nextOperation(situation({ record: signalled, observed: running, now: 2_000 })), { kind: 'wait', untilMs: 11_000 });
  t.is(nextOperation(situation({ record: signalled, observed: running, now: 11_000 })).kind, 'clean');
  t.is(nextOperation(situation({ record: signalled, observed: exited(143) })).kind, 'clean');
});

test('a task that got its stop signal is not taken back', (t) => {
  const record = recordIn(TaskState.RUNNING, { stopSentAtMs: 1_000 });
  t.is(nextOperation(situation({ record, observed: running })).kind, 'wait');
  const ended = nextOperation(situation({ record, observed: exited(143) }));
  t.true(ended.kind === 'end' && ended.status.state === TaskState.SHUTDOWN);
});

test('what could not be removed is tried again, and the task forgotten only after it', (t) => {
  const record = recordIn(TaskState.SHUTDOWN, { unassigned: true });
  t.deepEqual(nextOperation(situation({ record, cleanAgainAtMs: 9_000 })), { kind: 'wait', untilMs: 9_000 });
  t.is(nextOperation(situation({ record, cleanAgainAtMs: 9_000, now: 9_000 })).kind, 'clean');
  t.is(nextOperation(situation({ record })).kind, 'forget');
});

test('a running task whose container is gone has failed, not vanished', (t) => {
  for (const observed of [{ state: 'none' }, { state: 'lost', reason: 'its conmon was killed' }] as const) {
    const operation = nextOperation(situation({ record: recordIn(TaskState.RUNNING), observed }));
    t.true(operation.kind === 'end' && operation.status.state === TaskState.FAILED && operation.status.error !== '');
  }
});

test('an ended task is forgotten only when it is no longer assigned', (t) => {
  t.is(nextOperation(situation({ record: recordIn(TaskState.SHUTDOWN) })).kind, 'wait');
  t.is(nextOperation(situation({ record: recordIn(TaskState.SHUTDOWN, { unassigned: true }) })).kind, 'forget');
});

const withSpec = (change: Partial<ContainerSpec>): Task => ({
  ...task,
  spec: { ...task.spec, container: { ...task.spec.container, ...change } },
});
const hook = { ...emptyHook, command: ['true'] };

test('hooks before the start go before it, those after it before the task is said to run, each once', (t) => {
  const hooked = withSpec({ preStart: [hook], postStart: [hook] });
  const record = recordIn(TaskState.STARTING, { task: hooked });
  const created: ContainerObservation = { state: 'created', process };
  t.deepEqual(nextOperation(situation({ record, observed: created })), { kind: 'pre-start' });
  t.deepEqual(nextOperation(situation({ record, observed: created, preStarted: true })), { kind: 'start' });
  t.deepEqual(nextOperation(situation({ record, observed: running })), { kind: 'post-start' });
  const after = { ...record, postStarted: true };
  t.like(nextOperation(situation({ record: after, observed: running })), { kind: 'report', status: { state: TaskState.RUNNING } });
  t.like(nextOperation(situation({ record, observed: exited(3) })), { kind: 'end', status: { exitCode: 3 } });
});

test('hooks before the stop signal share its grace: the kill comes when that is over, counted from their beginning', (t) => {
  const hooked = { ...withSpec({ preStop: [hook], stopGracePeriodMs: 5_000 }), desiredState: TaskState.SHUTDOWN };
  const at = (now: number, change: Partial<TaskRecord>) =>
    nextOperation(situation({ record: recordIn(TaskState.RUNNING, { task: hooked, ...change }), observed: running, now }));
  t.deepEqual(at(1_000, {}), { kind: 'pre-stop', limitMs: 5_000 });
  t.deepEqual(at(3_000, { preStopAtMs: 1_000 }), { kind: 'signal', signal: 'SIGTERM' });
  t.deepEqual(at(3_000, { preStopAtMs: 1_000, stopSentAtMs: 3_000 }), { kind: 'wait', untilMs: 6_000 });
  t.is(at(6_000, { preStopAtMs: 1_000, stopSentAtMs: 3_000 }).kind, 'kill');
  // The clock was set back after the hooks: its grace runs from the signal.
  t.deepEqual(at(600, { preStopAtMs: 1_000, stopSentAtMs: 500 }), { kind: 'wait', untilMs: 5_500 });
});

test('a task whose hooks before the stop signal began is not taken back, and an end by itself runs none', (t) => {
  const hooked = withSpec({ preStop: [hook] });
  const begun = recordIn(TaskState.RUNNING, { task: hooked, preStopAtMs: 500 });
  t.deepEqual(nextOperation(situation({ record: begun, observed: running })), { kind: 'signal', signal: 'SIGTERM' });
  const record = recordIn(TaskState.RUNNING, { task: hooked });
  t.is(nextOperation(situation({ record, observed: exited(0) })).kind, 'end');
  const sick = recordIn(TaskState.RUNNING, { task: hooked, end: { ...newTaskStatus, state: TaskState.FAILED } });
  t.is(nextOperation(situation({ record: sick, observed: running })).kind, 'pre-stop');
});

test('who shares the processes or IPC of another ends with it, and says so', (t) => {
  const lenderEnded = 'the task db, whose processes it shares,';
  const error = `${lenderEnded} has ended, and it ends with it`;
  for (const state of [TaskState.STARTING, TaskState.RUNNING]) {
    const record = recordIn(state);
    t.like(nextOperation(situation({ record, observed: running, lenderEnded })), {
      kind: 'end',
      status: { state: TaskState.SHUTDOWN, error },
    });
    t.like(nextOperation(situation({ record, observed: exited(137), lenderEnded })), {
      status: { state: TaskState.SHUTDOWN, error, exitCode: 137 },
    });
    t.like(nextOperation(situation({ record, observed: exited(3), lenderEnded })), { status: { error: 'its command exited with code 3' } });
  }
  const created: ContainerObservation = { state: 'created', process };
  t.like(nextOperation(situation({ record: recordIn(TaskState.STARTING), observed: created, lenderEnded })), { status: { error } });
  const told = recordIn(TaskState.RUNNING, { task: wished(TaskState.SHUTDOWN) });
  t.like(nextOperation(situation({ record: told, observed: exited(137), lenderEnded })), { status: { state: TaskState.SHUTDOWN } });
});

test('whatever is seen and wished, a reported state never goes back', (t) => {
  const states = Object.values(TaskState);
  const observed = fc.constantFrom<ContainerObservation>({ state: 'none' }, { state: 'created', process }, running, exited(0), exited(1), {
    state: 'lost',
    reason: 'gone',
  });
  const health = fc.constantFrom(...Object.values(HealthState)).map((state) => ({ state, failure: 'x' }));
  const all = fc.record({
    state: fc.constantFrom(...states),
    desired: fc.constantFrom(...states),
    observed,
    health,
    done: fc.subarray([...stepNames]),
    unassigned: fc.boolean(),
    stopSentAtMs: fc.constantFrom(0, 500),
  });
  fc.assert(
    fc.property(all, ({ state, desired, done, unassigned, stopSentAtMs, ...seen }) => {
      const record = recordIn(state, { task: wished(desired), unassigned, stopSentAtMs });
      const operation = nextOperation(situation({ record, done: new Set(done), ...seen }));
      if (operation.kind === 'report' || operation.kind === 'end' || operation.kind === 'kill') return operation.status.state >= state;
      return true;
    }),
  );
  t.pass();
});

const pausing = (paused: boolean): Task => ({ ...task, paused });

test('a task that is to be paused is frozen, and that is said once it is', (t) => {
  const record = recordIn(TaskState.RUNNING, { task: pausing(true) });
  t.deepEqual(nextOperation(situation({ record, observed: running })), { kind: 'pause' });
  t.like(nextOperation(situation({ record, observed: frozen })), { kind: 'report', status: { state: TaskState.RUNNING, paused: true } });
  const said = { ...record, status: { ...record.status, paused: true } };
  t.deepEqual(nextOperation(situation({ record: said, observed: frozen })), { kind: 'wait', untilMs: undefined });
});

test('a paused task that is to go on is thawed, and that is said once it is', (t) => {
  const status = { ...newTaskStatus, state: TaskState.RUNNING, paused: true };
  const record = recordIn(TaskState.RUNNING, { task: pausing(false), status });
  t.deepEqual(nextOperation(situation({ record, observed: frozen })), { kind: 'unpause' });
  t.like(nextOperation(situation({ record, observed: running })), { kind: 'report', status: { state: TaskState.RUNNING, paused: false } });
});

test('one that is paused before its health check passed stays as it is', (t) => {
  const record = recordIn(TaskState.STARTING, { task: pausing(true) });
  const health = { state: HealthState.HEALTHY, failure: '' };
  t.deepEqual(nextOperation(situation({ record, observed: running, health })), { kind: 'pause' });
  t.like(nextOperation(situation({ record, observed: frozen, health })), {
    kind: 'report',
    status: { state: TaskState.STARTING, paused: true },
  });
  const said = { ...record, status: { ...record.status, paused: true } };
  t.deepEqual(nextOperation(situation({ record: said, observed: frozen, health })), { kind: 'wait', untilMs: undefined });
});

test('a paused task is thawed before anything else when it is to stop, and has its whole grace then', (t) => {
  const status = { ...newTaskStatus, state: TaskState.RUNNING, paused: true };
  const record = recordIn(TaskState.RUNNING, { task: { ...pausing(true), desiredState: TaskState.SHUTDOWN, drainMs: 5_000 }, status });
  t.deepEqual(nextOperation(situation({ record, observed: frozen })), { kind: 'unpause' });
  t.is(nextOperation(situation({ record, observed: running })).kind, 'drain');
  const drained = { ...record, unassigned: true };
  t.is(nextOperation(situation({ record: drained, observed: running })).kind, 'signal');
  const told = { ...drained, stopSentAtMs: 900 };
  t.is(nextOperation(situation({ record: told, observed: frozen })).kind, 'unpause');
  t.deepEqual(nextOperation(situation({ record: told, observed: running })), { kind: 'wait', untilMs: 10_900 });
});

test('what has ended is said to be paused no more', (t) => {
  const status = { ...newTaskStatus, state: TaskState.RUNNING, paused: true };
  const record = recordIn(TaskState.RUNNING, { task: pausing(true), status });
  t.like(nextOperation(situation({ record, observed: exited(137) })), { kind: 'end', status: { state: TaskState.FAILED, paused: false } });
});

test('a paused task whose lender has ended is thawed to be ended', (t) => {
  const record = recordIn(TaskState.RUNNING, { task: pausing(true), end: { ...newTaskStatus, state: TaskState.SHUTDOWN } });
  t.deepEqual(nextOperation(situation({ record, observed: frozen })), { kind: 'unpause' });
});
