import test from 'ava';
import { observeProgress, type Progress, type ProgressRow, progressScreen, startProgress, unfinishedText } from './progress.ts';

const row = (key: string, change: Partial<ProgressRow> = {}): ProgressRow => ({
  key,
  name: `host-${key}`,
  state: 'starting',
  detail: '',
  mark: 'busy',
  ...change,
});
const seen = (...rows: readonly ProgressRow[]): Progress => ({ title: 'nodes', rows, outcome: { kind: 'waiting' } });

test('only what changed is told', (t) => {
  const first = observeProgress(startProgress, seen(row('a'), row('b', { detail: 'it is down' })), 0);
  t.deepEqual(first.lines, ['host-a: starting', 'host-b: starting: it is down']);
  const second = observeProgress(first, seen(row('a'), row('b', { state: 'votes' })), 10);
  t.deepEqual(second.lines, ['host-b: votes']);
});

test('what is not there yet is one sentence', (t) => {
  t.is(unfinishedText(startProgress), 'the cluster has not answered yet');
  const state = observeProgress(startProgress, seen(row('a', { mark: 'ok' }), row('b', { detail: 'it is down' })), 0);
  t.is(unfinishedText(state), 'host-b: starting: it is down');
});

test('the time that a row took stands still once it is there', (t) => {
  const first = observeProgress(startProgress, seen(row('a'), row('b', { mark: 'ok' })), 1_000);
  const second = observeProgress(first, seen(row('a', { mark: 'ok', state: 'manager' }), row('b', { mark: 'ok' })), 3_500);
  t.deepEqual(
    progressScreen(second, 60_000, 10).rows.map(({ elapsed }) => elapsed),
    ['2.5 s', ''],
  );
  t.deepEqual(
    progressScreen(first, 2_200, 10).rows.map(({ elapsed }) => elapsed),
    ['1.2 s', ''],
  );
});

test('when not all rows fit, the unfinished ones are shown', (t) => {
  const state = observeProgress(startProgress, seen(row('a', { mark: 'ok' }), row('b', { mark: 'wait' }), row('c', { mark: 'bad' })), 0);
  const screen = progressScreen(state, 0, 2);
  t.deepEqual(
    screen.rows.map(({ key }) => key),
    ['c', 'b'],
  );
  t.is(screen.hidden, 1);
});
