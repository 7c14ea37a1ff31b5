import { EventEmitter } from 'node:events';
import { NodeState } from '@tso/proto';
import test from 'ava';
import { parseConfig } from './config.ts';
import { Leadership } from './leadership.ts';
import { limits } from './limits.ts';
import type { DriverEvents } from './raft/io/events.ts';
import { failure } from './raft/io/outcome.ts';
import { ManualClock } from './testing/manual-clock.ts';
import { realRandom, silentLogger } from './testing/ports.ts';
import { LaggingMember, SharedLog } from './testing/shared-log.ts';
import { nodeNamed } from './testing/specs.ts';

const config = parseConfig(['--state-dir', '/s', '--socket', '/s/m.sock', '--node-id', 'n1']);

class Driver extends EventEmitter<DriverEvents> {
  role: 'leader' | 'follower' = 'leader';
  term = 3;
  id = 1;
  lead = 1;
}

/** A manager that leads, whose announcement fails as often as the list has errors. */
const office = (errors: unknown[]) => {
  const driver = new Driver();
  const log = new SharedLog();
  const clock = new ManualClock();
  const broken: unknown[] = [];
  let kept = 0;
  const replication = {
    driver,
    store: Object.assign(new LaggingMember(log), { inTerm: () => new LaggingMember(log) }),
    members: {
      list: async () => ({ members: [], leader: 1, term: 3, committed: 0, self: 1 }),
      remove: async () => ({ index: 0 }),
    },
    keeper: {
      start: async () => {
        kept += 1;
      },
      stop: async () => {
        kept -= 1;
      },
    },
    leaderAddress: undefined,
    announce: async () => {
      const error = errors.shift();
      if (error !== undefined) throw error;
    },
  };
  const leadership = new Leadership(config, {
    replication,
    clock,
    random: realRandom,
    logger: silentLogger,
    acceptRelay: () => (async function* () {})(),
    fetchImage: () => (async function* () {})(),
    founding: undefined,
    onPlan: () => undefined,
    onFounded: async () => undefined,
    onBroken: (error) => broken.push(error),
  });
  return { leadership, driver, log, clock, broken, keptBy: () => kept };
};

const settled = () => new Promise((resolve) => setImmediate(resolve));

test('a leader whose first word to the log was refused takes its duties up a moment later, as long as it leads', async (t) => {
  const { leadership, clock, broken, keptBy } = office([
    failure('refused', 'CONFLICT', 'somebody was first'),
    failure('unknown', 'DEADLINE_EXCEEDED', 'slow'),
  ]);
  await leadership.start();
  t.is(leadership.dispatcher, undefined);
  for (let round = 0; round < 2; round += 1) {
    clock.advance(limits.restMs);
    for (let turn = 0; turn < 20; turn += 1) await settled();
  }
  t.not(leadership.dispatcher, undefined);
  t.is(keptBy(), 1);
  t.deepEqual(broken, []);
  await leadership.stop();
  t.is(keptBy(), 0);
});

test('who was deposed before it began does not try again', async (t) => {
  const { leadership, driver, clock } = office([failure('refused', 'UNAVAILABLE', 'another leads')]);
  const starting = leadership.start();
  driver.role = 'follower';
  await starting;
  clock.advance(10 * limits.restMs);
  for (let turn = 0; turn < 20; turn += 1) await settled();
  t.is(leadership.dispatcher, undefined);
  t.is(clock.pending, 0);
  await leadership.stop();
});

test('a failure of our own is not waited out', async (t) => {
  const { leadership, broken } = office([new Error('a bug')]);
  await leadership.start();
  t.is(broken.length, 1);
  await leadership.stop();
});

test('after seconds without a leader a node is missed that much later', async (t) => {
  const { leadership, driver, log, clock } = office([]);
  const pass = async (ms: number): Promise<void> => {
    for (let past = 0; past < ms; past += 100) {
      clock.advance(100);
      for (let turn = 0; turn < 10; turn += 1) await settled();
    }
  };
  log.append({ actions: [{ putNode: nodeNamed('a') }], expect: [], atMs: 1, origin: 'test' });
  driver.role = 'follower';
  driver.lead = 2;
  await leadership.start();
  driver.emit('leader change', 0, 2);
  await pass(2_000);
  driver.emit('leader change', 0, 0);
  await pass(1_000);
  driver.role = 'leader';
  driver.lead = 1;
  driver.emit('leader change', 1, 0);
  driver.emit('state change', 'leader', 'follower');
  await pass(5_500);
  t.is(log.tables.node('a')?.state, NodeState.NODE_READY);
  await pass(1_500);
  t.is(log.tables.node('a')?.state, NodeState.NODE_DOWN);
  await leadership.stop();
});
