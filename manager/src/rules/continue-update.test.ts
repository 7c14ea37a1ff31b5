import { newService, type Service, TsoError, UpdateState, type UpdateStatus } from '@tso/proto';
import test from 'ava';
import { serviceSpec } from '../testing/specs.ts';
import { continueUpdate } from './continue-update.ts';

const at = 5_000;
const inState = (state: UpdateState, change: Partial<UpdateStatus> = {}): Service => ({
  ...newService,
  spec: serviceSpec('web'),
  specVersion: 9,
  update: { state, startedAtMs: 1, completedAtMs: 0, message: 'it stands still', ...change },
});
const went = (service: Service): Service => {
  const result = continueUpdate(service, at);
  if (result instanceof TsoError) throw result;
  return result;
};
const refused = (service: Service): string => {
  const result = continueUpdate(service, at);
  if (!(result instanceof TsoError)) throw new Error('it was not refused');
  return `${result.code}: ${result.message}`;
};

test('an update that its own settings stopped goes on as it was, and does not stop there again', (t) => {
  const { update, specVersion } = went(inState(UpdateState.UPDATE_PAUSED, { wished: true }));
  t.deepEqual(update, { state: UpdateState.UPDATING, startedAtMs: 1, completedAtMs: 0, message: '', wished: false, progressAtMs: at });
  t.is(specVersion, 9);
});

test('an update that failures stopped begins anew with what is left: failures so far count no more', (t) => {
  const { update, specVersion } = went(inState(UpdateState.UPDATE_PAUSED, { wished: false }));
  t.deepEqual(update, { state: UpdateState.UPDATING, startedAtMs: at, completedAtMs: 0, message: '', wished: false, progressAtMs: at });
  t.is(specVersion, 0);
});

test('a rollback that stands still goes on back', (t) => {
  const { update, specVersion } = went(inState(UpdateState.ROLLBACK_PAUSED, { wished: true }));
  t.is(update?.state, UpdateState.ROLLBACK_STARTED);
  t.is(update?.wished, true, 'it is still somebody who asked for it');
  t.is(specVersion, 0);
});

test('where nothing stands still, it is refused with what there is instead', (t) => {
  const { update: _, ...quiet } = inState(UpdateState.UPDATE_NONE);
  const paused = inState(UpdateState.UPDATE_PAUSED);
  t.deepEqual(
    [
      quiet,
      inState(UpdateState.UPDATING),
      inState(UpdateState.ROLLBACK_STARTED),
      { ...paused, stopped: true },
      { ...paused, removing: true },
    ].map(refused),
    [
      'FAILED_PRECONDITION: service web has no update that stands still',
      'FAILED_PRECONDITION: the update of service web is under way already: it does not stand still',
      'FAILED_PRECONDITION: service web is on its way back already: nothing of it stands still',
      'FAILED_PRECONDITION: service web is stopped: no update of it goes on before it is started',
      'FAILED_PRECONDITION: service web is being removed: no update of it goes on',
    ],
  );
});
