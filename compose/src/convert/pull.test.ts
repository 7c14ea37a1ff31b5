import { PullPolicy } from '@tso/proto';
import test from 'ava';
import { oneService, serviceOf, toldOf } from '../testing/spec-parts.ts';

const pullOf = (service: string) => {
  const { pullPolicy, pullRefreshMs } = serviceOf(oneService(service)).task.container;
  return [pullPolicy, pullRefreshMs];
};
const told = (service: string): string => toldOf(oneService(service)).join('\n');
const hour = 3_600_000;

test('policies without an age', (t) => {
  t.deepEqual(pullOf('tty: true'), [PullPolicy.PULL_MISSING, 0]);
  t.deepEqual(pullOf('pull_policy: if_not_present'), [PullPolicy.PULL_MISSING, 0]);
  t.deepEqual(pullOf('pull_policy: always'), [PullPolicy.PULL_ALWAYS, 0]);
  t.deepEqual(pullOf('pull_policy: never'), [PullPolicy.PULL_NEVER, 0]);
  t.deepEqual(pullOf('build: .\npull_policy: build'), [PullPolicy.PULL_MISSING, 0]);
});

test('an image pulled longer ago than the age is pulled again', (t) => {
  t.deepEqual(pullOf('pull_policy: daily'), [PullPolicy.PULL_MISSING, 24 * hour]);
  t.deepEqual(pullOf('pull_policy: weekly'), [PullPolicy.PULL_MISSING, 7 * 24 * hour]);
  t.deepEqual(pullOf('pull_policy: every_12h'), [PullPolicy.PULL_MISSING, 12 * hour]);
  t.deepEqual(pullOf('pull_policy: every_1w2d3h'), [PullPolicy.PULL_MISSING, (9 * 24 + 3) * hour]);
  t.deepEqual(pullOf('pull_policy: refresh\npull_refresh_after: 36h'), [PullPolicy.PULL_MISSING, 36 * hour]);
});

test('an age that is missing, none, or beside another policy is told', (t) => {
  t.regex(told('pull_policy: refresh'), /E306 pull_policy: refresh of service web lacks the age/);
  t.regex(told('pull_policy: refresh\npull_refresh_after: soon'), /E204 'soon' is not an age/);
  t.regex(told('pull_policy: every_0s'), /E204 '0s' is not an age/);
  t.regex(told('pull_refresh_after: 1h'), /W400 pull_refresh_after goes with pull_policy: refresh/);
  t.regex(told('pull_policy: build'), /E306 service web has pull_policy: build and no build section/);
});
