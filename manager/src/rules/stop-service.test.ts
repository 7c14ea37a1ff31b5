import { newService, type Service, ServiceMode, UpdateState } from '@tso/proto';
import test from 'ava';
import { serviceSpec } from '../testing/specs.ts';
import { started, stopped } from './stop-service.ts';

const running: Service = {
  ...newService,
  spec: serviceSpec('web', { replicas: 4 }),
  specVersion: 7,
  update: { state: UpdateState.UPDATING, startedAtMs: 1, completedAtMs: 0, message: '' },
};

test('stopping keeps the wished number and ends an update; stopping again changes nothing', (t) => {
  const once = stopped(running);
  t.deepEqual([once.stopped, once.update, once.spec], [true, undefined, running.spec]);
  t.is(stopped(once), once);
});

test('starting is like a first start; starting what runs changes nothing', (t) => {
  const again = started(stopped(running), 5_000);
  t.deepEqual([again.stopped, again.specVersion, again.update], [false, 0, undefined]);
  t.is(started(running, 5_000), running);
});

test('an update that was stopped before its end is watched when it is started', (t) => {
  const again = started({ ...stopped(running), unproven: true }, 5_000);
  t.like(again.update, { state: UpdateState.UPDATING, startedAtMs: 5_000, completedAtMs: 0 });
  const job = serviceSpec('job', { mode: ServiceMode.REPLICATED_JOB });
  t.is(started({ ...stopped(running), spec: job, unproven: true }, 5_000).update, undefined);
});
