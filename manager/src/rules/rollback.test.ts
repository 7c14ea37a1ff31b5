import { ConcurrencyPolicy, FileKind, newService, type Service, ServiceMode, TsoError, UpdateState } from '@tso/proto';
import test from 'ava';
import { attachment, serviceSpec } from '../testing/specs.ts';
import { World } from '../testing/world.ts';
import { goBack, goingBackReplaces, missingToGoBack } from './rollback.ts';

const at = 5_000;
const file = (versionId: string) => ({ kind: FileKind.SECRET_FILE, name: 'password', versionId });
const withImage = (image: string, forceUpdate = 0) => serviceSpec('web', { task: { forceUpdate, container: { image } } });
const former = withImage('web:1');
const changed: Service = {
  ...newService,
  spec: withImage('web:2'),
  specVersion: 9,
  previousSpec: former,
  files: [file('new')],
  previousFiles: [file('old')],
};
const back = (service: Service): Service => {
  const result = goBack(service, at);
  if (result instanceof TsoError) throw result;
  return result;
};
const refused = (service: Service): string => {
  const result = goBack(service, at);
  if (!(result instanceof TsoError)) throw new Error('it was not refused');
  return `${result.code}: ${result.message}`;
};

test('going back swaps the present spec and files with the former ones, and going back again undoes it', (t) => {
  const once = back(changed);
  t.is(once.spec, former);
  t.deepEqual([once.files, once.previousFiles], [[file('old')], [file('new')]]);
  t.is(once.specVersion, 0);
  const message = 'it goes back to what it was before, as somebody asked for';
  t.deepEqual(once.update, {
    state: UpdateState.ROLLBACK_STARTED,
    startedAtMs: at,
    completedAtMs: 0,
    message,
    wished: true,
    progressAtMs: at,
  });
  const twice = back(once);
  t.deepEqual([twice.spec, twice.files, twice.previousSpec], [changed.spec, changed.files, changed.previousSpec]);
});

test('an update that is under way or paused ends with the way back, and has nothing left to prove', (t) => {
  for (const state of [UpdateState.UPDATING, UpdateState.UPDATE_PAUSED]) {
    const status = { state, startedAtMs: 1, completedAtMs: 0, message: 'x', wished: false };
    const aborted = back({ ...changed, unproven: true, update: status });
    t.is(aborted.update?.state, UpdateState.ROLLBACK_STARTED);
    t.false(aborted.unproven);
    t.is(aborted.spec.task.container.image, 'web:1');
  }
});

test('where there is nothing to go back to, it is refused with the reason', (t) => {
  const { previousSpec: _, ...unchanged } = changed;
  const inState = (state: UpdateState): Service => ({ ...unchanged, update: { state, startedAtMs: 1, completedAtMs: 2, message: '' } });
  t.is(refused(unchanged), 'FAILED_PRECONDITION: service web has nothing to go back to: it was never changed');
  t.is(
    refused(inState(UpdateState.ROLLBACK_COMPLETED)),
    'FAILED_PRECONDITION: service web has nothing to go back to: it went back by itself when its update failed, and nothing was changed since',
  );
  t.is(
    refused(inState(UpdateState.ROLLBACK_STARTED)),
    'FAILED_PRECONDITION: service web has nothing to go back to: it is on its way back already, because its update failed',
  );
  t.is(refused({ ...changed, removing: true }), 'FAILED_PRECONDITION: service web is being removed and cannot go back');
});

test('a restart since then is no reason to replace tasks that run what is gone back to', (t) => {
  const restarted = serviceSpec('web', { replicas: 5, task: { forceUpdate: 2, container: { image: 'web:1' } } });
  const scaledOnly: Service = { ...changed, spec: restarted, files: [], previousFiles: [] };
  t.is(back(scaledOnly).spec.task.forceUpdate, 2);
  t.is(back(scaledOnly).spec.replicas, 1);
  t.false(goingBackReplaces(scaledOnly));
  t.is(back({ ...changed, spec: withImage('web:2', 2) }).spec.task.forceUpdate, 0, 'what runs web:1 still is left alone');
  t.true(goingBackReplaces(changed));
  t.true(goingBackReplaces({ ...scaledOnly, files: [file('new')], previousFiles: [file('old')] }));
});

test('a job that goes back runs anew, one with a schedule at its next time', (t) => {
  const job = (image: string, schedule?: Service['spec']['schedule']) =>
    serviceSpec('job', {
      mode: ServiceMode.REPLICATED_JOB,
      task: { container: { image } },
      ...(schedule === undefined ? {} : { schedule }),
    });
  const schedule = {
    cron: '@daily',
    timeZone: '',
    concurrency: ConcurrencyPolicy.CONCURRENCY_ALLOW,
    successfulHistory: 3,
    failedHistory: 1,
    startingDeadlineMs: 0,
  };
  const once = back({ ...changed, jobIteration: 4, spec: job('job:2'), previousSpec: job('job:1') });
  t.deepEqual([once.jobIteration, once.update], [5, undefined]);
  t.is(back({ ...changed, jobIteration: 4, spec: job('job:2', schedule), previousSpec: job('job:1', schedule) }).jobIteration, 4);
  // Another schedule holds from now on, and one that has none runs at once.
  const timed = { ...changed, jobIteration: 4, scheduledAtMs: 77, files: [], previousFiles: [], spec: job('job:1', schedule) };
  t.is(back({ ...timed, previousSpec: job('job:1', { ...schedule, timeZone: 'Europe/Berlin' }) }).scheduledAtMs, 0);
  t.is(back({ ...timed, previousSpec: job('job:1', { ...schedule, failedHistory: 9 }) }).scheduledAtMs, 77);
  t.is(back({ ...timed, previousSpec: job('job:1') }).jobIteration, 5);
});

test('what is stopped goes back without being started', (t) => {
  const once = back({ ...changed, stopped: true });
  t.deepEqual([once.stopped, once.update, once.spec.task.container.image], [true, undefined, 'web:1']);
});

test('a network that is not there any more is named', (t) => {
  const world = new World();
  const there = serviceSpec('web', { task: { networks: [attachment('shop_back')] } });
  const problem = missingToGoBack(world.tables, { ...changed, previousSpec: there });
  t.is(problem?.message, 'service web cannot go back: network shop_back, which it was on, is not there any more');
  t.is(missingToGoBack(world.tables, changed), undefined);
});
