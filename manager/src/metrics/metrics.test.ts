import { emptyMeta, NodeState, TsoError } from '@tso/proto';
import { type CallContext, Control, type Handlers } from '@tso/proto/rpc';
import type { SpanWish } from '@tso/proto/tracing';
import test from 'ava';
import { applyTransaction } from '../store/apply.ts';
import { Tables } from '../store/tables.ts';
import { ManualClock } from '../testing/manual-clock.ts';
import { nodeNamed } from '../testing/specs.ts';
import { observed, timed, together, traced } from './call-observer.ts';
import { ManagerMetrics, type ManagerMetricsPorts } from './manager-metrics.ts';

const context = {} as CallContext;

const drain = async (items: AsyncIterable<unknown>): Promise<number> => {
  let count = 0;
  for await (const _ of items) count += 1;
  return count;
};

const handlersOf = (handlers: Partial<Handlers<typeof Control>>): Handlers<typeof Control> => handlers as Handlers<typeof Control>;

const recording = () => {
  const ends: string[] = [];
  const observer = { begin: (method: string) => (code: string) => ends.push(`${method} ${code}`) };
  return { ends, observer };
};

test('each call is seen with its method and how it ended', async (t) => {
  const { ends, observer } = recording();
  const handlers = observed(
    Control,
    handlersOf({
      getInfo: () => Promise.reject(new TsoError('UNAVAILABLE', 'no leader')),
      listStacks: async () => ({ stacks: [] }),
      getStack: () => Promise.reject(new Error('a bug')),
    }),
    observer,
  );
  await t.throwsAsync(handlers.getInfo({}, context), { code: 'UNAVAILABLE' });
  await handlers.listStacks({}, context);
  await t.throwsAsync(handlers.getStack({ name: 'x' }, context), { message: 'a bug' });
  t.deepEqual(ends, ['/tso.v1.Control/GetInfo UNAVAILABLE', '/tso.v1.Control/ListStacks OK', '/tso.v1.Control/GetStack INTERNAL']);
});

test('a stream is over when it ended, failed, or nobody reads it any more', async (t) => {
  const { ends, observer } = recording();
  const parts = async function* (fails: boolean) {
    yield { data: new Uint8Array(1) };
    if (fails) throw new TsoError('DATA_LOSS', 'damaged');
    yield { data: new Uint8Array(1) };
  };
  const good = observed(Control, handlersOf({ backup: () => parts(false) }), observer);
  t.is(await drain(good.backup({}, context)), 2);
  await t.throwsAsync(drain(observed(Control, handlersOf({ backup: () => parts(true) }), observer).backup({}, context)), {
    code: 'DATA_LOSS',
  });
  for await (const _ of good.backup({}, context)) break;
  t.deepEqual(
    ends.map((end) => end.split(' ')[1]),
    ['OK', 'DATA_LOSS', 'CANCELLED'],
  );
});

test('durations are those of a clock that does not go back', (t) => {
  const clock = new ManualClock();
  const seen: (readonly [string, string, number])[] = [];
  const end = timed(clock, (...call) => seen.push(call)).begin('m', context);
  clock.advance(1_500);
  end('OK');
  t.deepEqual(seen, [['m', 'OK', 1.5]]);
});

const ports = (tables: Tables): ManagerMetricsPorts => ({
  clock: new ManualClock(),
  driver: {
    id: 1,
    role: 'leader',
    lead: 1,
    applied: { index: 40 } as ManagerMetricsPorts['driver']['applied'],
    status: () =>
      ({
        hardState: { term: 3, vote: 1, commit: 41 },
        lastTerm: 2,
        lastIndex: 43,
        confState: { voters: [1, 2, 3] },
        progress: [
          { id: 1, match: 41 },
          { id: 2, match: 39 },
        ],
      }) as unknown as ReturnType<ManagerMetricsPorts['driver']['status']>,
  },
  view: () => tables,
  sessions: () => 5,
});

test('figures of consensus, cluster, plans and calls are in the exposition', async (t) => {
  const tables = new Tables();
  const cluster = { id: 'c', meta: emptyMeta, addressPool: '10.0.0.0/8', subnetPrefix: 24, firstVni: 1, vxlanPort: 4789 };
  const actions = [{ putCluster: cluster }, { putNode: nodeNamed('a') }, { putNode: nodeNamed('b', { state: NodeState.NODE_DOWN }) }];
  applyTransaction(tables, 1, { actions, expect: [], atMs: 1, origin: 'test' });
  const metrics = new ManagerMetrics(ports(tables));
  metrics.planned(0.002, 'committed');
  await observed(Control, handlersOf({ listStacks: async () => ({ stacks: [] }) }), metrics.calls).listStacks({}, context);
  const lines = (await metrics.text()).split('\n');
  for (const line of [
    'tso_manager_raft_term 3',
    'tso_manager_raft_commit_index 41',
    'tso_manager_raft_applied_index 40',
    'tso_manager_raft_last_term 2',
    'tso_manager_raft_last_index 43',
    'tso_manager_raft_leader 1',
    'tso_manager_raft_voters 3',
    'tso_manager_raft_follower_lag{member="2"} 2',
    'tso_manager_sessions 5',
    'tso_manager_nodes{state="down"} 1',
    'tso_manager_plans_total{outcome="committed"} 1',
    'tso_manager_planning_seconds_count 1',
    'tso_manager_api_seconds_count{method="/tso.v1.Control/ListStacks",code="OK"} 1',
  ]) {
    t.true(lines.includes(line), line);
  }
  t.true(lines.some((line) => line.startsWith('tso_manager_nodejs_eventloop_lag_seconds ')));
  applyTransaction(tables, 2, { actions: [{ remove: { kind: 'node', id: 'b' } }], expect: [], atMs: 1, origin: 'test' });
  t.false((await metrics.text()).includes('tso_manager_nodes{state="down"}'), 'what is gone is not shown as it was');
});

test('a call is a span under its caller’s, but for streams without end, and several observers hear of it', (t) => {
  const begun: SpanWish[] = [];
  const ended: (string | undefined)[] = [];
  const tracing = {
    begin: (wish: SpanWish) => {
      begun.push(wish);
      return { traceparent: undefined, end: (error?: string) => ended.push(error) };
    },
    stop: async () => undefined,
  };
  const { ends, observer } = recording();
  const both = together(traced(tracing), observer);
  const called = { peer: '10.0.0.7:4000', header: (name: string) => (name === 'traceparent' ? 'tp' : undefined) } as CallContext;
  both.begin('/tso.v1.Control/ApplyStack', called)('CONFLICT');
  both.begin('/tso.v1.Control/GetInfo', called)('OK');
  both.begin('/tso.v1.Dispatcher/Session', called)('OK');
  t.deepEqual(
    begun.map(({ name, parent }) => [name, parent]),
    [
      ['tso.v1.Control/ApplyStack', 'tp'],
      ['tso.v1.Control/GetInfo', 'tp'],
    ],
  );
  t.deepEqual(ended, ['CONFLICT', undefined]);
  t.is(ends.length, 3);
});
