import test from 'ava';
import { oneService, serviceOf, toldOf } from '../testing/spec-parts.ts';

const rollout = (key: string, said: string): string => oneService(`deploy: {${key}: {${said}}}`);

test('a deadline for progress is said of updates and of the way back, and 0 is none', (t) => {
  t.is(serviceOf(rollout('update_config', 'x-tso-progress-deadline: 90s')).update.progressDeadlineMs, 90_000);
  t.is(serviceOf(rollout('rollback_config', 'x-tso-progress-deadline: 1h')).rollback.progressDeadlineMs, 3_600_000);
  t.is(serviceOf(rollout('update_config', 'x-tso-progress-deadline: 0')).update.progressDeadlineMs, 0);
  t.is(serviceOf(rollout('update_config', 'delay: 1s')).update.progressDeadlineMs, undefined);
});

test('an update stands still after so many replacements', (t) => {
  t.is(serviceOf(rollout('update_config', 'x-tso-pause-after: 2')).update.pauseAfter, 2);
  t.is(serviceOf(rollout('update_config', 'x-tso-pause-after: "3"')).update.pauseAfter, 3);
  t.is(serviceOf(rollout('update_config', 'delay: 1s')).update.pauseAfter, undefined);
  t.regex(toldOf(rollout('rollback_config', 'x-tso-pause-after: 2')).join(), /W400 x-tso-pause-after means nothing here/);
});

test('what is no deadline and no number is refused by name', (t) => {
  for (const said of ['soon', '5', '-5s', '169h', '[1s]'])
    t.regex(toldOf(rollout('update_config', `x-tso-progress-deadline: ${said}`)).join(), /E202 .* is not a deadline for progress/, said);
  for (const said of ['-1', '1.5', 'some', 'true', '10001'])
    t.regex(toldOf(rollout('update_config', `x-tso-pause-after: ${said}`)).join(), /E202 .* is not a number of tasks/, said);
});
