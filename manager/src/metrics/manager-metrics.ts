import { type Clock, NodeState, type Task, taskStateName, version } from '@tso/proto';
import { Counter, durationBuckets, Gauge, Histogram, newRegistry, type Registry } from '@tso/proto/metrics';
import type { PlanOutcome } from '../control-loop.ts';
import type { RaftDriver } from '../raft/io/driver.ts';
import type { ApplyResult } from '../store/apply.ts';
import type { View } from '../store/view.ts';
import { type CallObserver, timed } from './call-observer.ts';

export interface ManagerMetricsPorts {
  readonly clock: Clock;
  readonly driver: Pick<RaftDriver<ApplyResult>, 'status' | 'applied' | 'role' | 'lead' | 'id'>;
  readonly view: () => View;
  /** Agents that are connected; 0 where this manager does not lead. */
  readonly sessions: () => number;
}

const nodeStates: Readonly<Record<NodeState, string>> = {
  [NodeState.NODE_UNKNOWN]: 'unknown',
  [NodeState.NODE_READY]: 'ready',
  [NodeState.NODE_DOWN]: 'down',
  [NodeState.NODE_DISCONNECTED]: 'disconnected',
};

const countBy = <T>(items: readonly T[], keyOf: (item: T) => string): ReadonlyMap<string, number> => {
  const counts = new Map<string, number>();
  for (const item of items) counts.set(keyOf(item), (counts.get(keyOf(item)) ?? 0) + 1);
  return counts;
};

const stateOf = (task: Task): string => taskStateName(task.status.state);

/** What a manager measures of itself and of what it knows; read when somebody asks. */
export class ManagerMetrics {
  readonly #registry: Registry = newRegistry('manager', version);
  readonly #calls: Histogram<'method' | 'code'>;
  readonly #planning: Histogram;
  readonly #plans: Counter<'outcome'>;
  readonly calls: CallObserver;

  constructor(ports: ManagerMetricsPorts) {
    const registers = [this.#registry];
    this.#calls = new Histogram({
      name: 'tso_manager_api_seconds',
      help: 'How long calls took, by method and outcome; streams until they ended.',
      labelNames: ['method', 'code'],
      buckets: [...durationBuckets],
      registers,
    });
    this.#planning = new Histogram({
      name: 'tso_manager_planning_seconds',
      help: 'How long one plan of the whole cluster took: orchestrator, allocator and scheduler.',
      buckets: [...durationBuckets],
      registers,
    });
    this.#plans = new Counter({
      name: 'tso_manager_plans_total',
      help: 'Plans by what became of them: none (nothing to change), committed, conflict, failed.',
      labelNames: ['outcome'],
      registers,
    });
    this.calls = timed(ports.clock, (method, code, seconds) => this.#calls.observe({ method, code }, seconds));
    this.#raft(ports);
    this.#cluster(ports);
  }

  planned(seconds: number, outcome: PlanOutcome): void {
    this.#planning.observe(seconds);
    this.#plans.inc({ outcome });
  }

  /** In the exposition format. */
  text(): Promise<string> {
    return this.#registry.metrics();
  }

  #gauge(name: string, help: string, read: () => number): void {
    const registers = [this.#registry];
    const gauge: Gauge = new Gauge({ name: `tso_manager_${name}`, help, registers, collect: () => gauge.set(read()) });
  }

  /** One figure for each value of a label; those that are gone are 0 no longer but absent. */
  #gaugeBy(name: string, help: string, label: string, read: () => ReadonlyMap<string, number>): void {
    const gauge: Gauge<string> = new Gauge({
      name: `tso_manager_${name}`,
      help,
      labelNames: [label],
      registers: [this.#registry],
      collect: () => {
        gauge.reset();
        for (const [value, count] of read()) gauge.set({ [label]: value }, count);
      },
    });
  }

  #raft({ driver }: ManagerMetricsPorts): void {
    this.#gauge('raft_term', 'Term of consensus.', () => driver.status().hardState.term);
    this.#gauge('raft_commit_index', 'Last log entry that is known to be committed.', () => driver.status().hardState.commit);
    this.#gauge('raft_applied_index', 'Last log entry that is in the store.', () => driver.applied.index);
    this.#gauge('raft_last_term', 'Term of the last entry in the log, confirmed or not.', () => driver.status().lastTerm);
    this.#gauge('raft_last_index', 'Last entry in the log, confirmed or not.', () => driver.status().lastIndex);
    this.#gauge('raft_leader', '1 where this manager leads.', () => (driver.role === 'leader' ? 1 : 0));
    this.#gauge('raft_has_leader', '1 where this manager knows a leader.', () => (driver.lead === 0 ? 0 : 1));
    this.#gauge('raft_voters', 'Managers that vote.', () => driver.status().confState.voters.length);
    this.#gaugeBy('raft_follower_lag', 'Entries that a member has not confirmed yet, as the leader sees it.', 'member', () => {
      const { progress, hardState } = driver.status();
      return new Map(
        progress.filter(({ id }) => id !== driver.id).map(({ id, match }) => [String(id), Math.max(0, hardState.commit - match)]),
      );
    });
  }

  #cluster({ view, sessions }: ManagerMetricsPorts): void {
    this.#gauge('sessions', 'Agents connected to this manager.', sessions);
    this.#gauge('stacks', 'Stacks.', () => view().stacks().length);
    this.#gauge('services', 'Services.', () => view().services().length);
    this.#gaugeBy('tasks', 'Tasks by the state they were last seen in.', 'state', () => countBy(view().tasks(), stateOf));
    this.#gaugeBy('nodes', 'Nodes by state.', 'state', () => countBy(view().nodes(), ({ state }) => nodeStates[state]));
  }
}
