import { defaultUpdateConfig, newService, type Service, type UpdateState as State, UpdateState } from '@tso/proto';
import test from 'ava';
import { isGivenUp, isPaused, isUnderWay, updatePace } from './update-pace.ts';

const service = (state: State): Service => {
  const pace = (parallelism: number) => ({ ...defaultUpdateConfig, parallelism });
  const update = { state, startedAtMs: 1, completedAtMs: 0, message: '' };
  return { ...newService, update, spec: { ...newService.spec, update: pace(1), rollback: pace(2) } };
};

test('on the way back, and once there, the pace is that of rollbacks', (t) => {
  const forward = [UpdateState.UPDATE_NONE, UpdateState.UPDATING, UpdateState.UPDATE_PAUSED, UpdateState.UPDATE_COMPLETED];
  const back = [UpdateState.ROLLBACK_STARTED, UpdateState.ROLLBACK_PAUSED, UpdateState.ROLLBACK_COMPLETED];
  for (const state of forward) t.is(updatePace(service(state)).parallelism, 1);
  for (const state of back) t.is(updatePace(service(state)).parallelism, 2);
  t.is(updatePace(newService).parallelism, newService.spec.update.parallelism);
});

test('an update is under way, stands still, or is given up: what went back has not become what was wished', (t) => {
  const inState = (is: (update: Service['update']) => boolean): readonly string[] =>
    Object.values(UpdateState)
      .filter((state): state is State => typeof state === 'number' && is(service(state).update))
      .map((state) => String(state));
  t.deepEqual(inState(isUnderWay), [UpdateState.UPDATING, UpdateState.ROLLBACK_STARTED].map(String));
  t.deepEqual(inState(isPaused), [UpdateState.UPDATE_PAUSED, UpdateState.ROLLBACK_PAUSED].map(String));
  t.deepEqual(inState(isGivenUp), [UpdateState.UPDATE_PAUSED, UpdateState.ROLLBACK_PAUSED, UpdateState.ROLLBACK_COMPLETED].map(String));
  t.false(isUnderWay(undefined) || isPaused(undefined) || isGivenUp(undefined));
});
