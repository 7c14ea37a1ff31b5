import { type Task, type TaskStatus, taskStateName, version } from '@tso/proto';
import { Gauge, newRegistry, type Registry } from '@tso/proto/metrics';
import type { NameAnswers } from '../network/dns-counts.ts';
import type { ContainerStats } from '../runtime/types.ts';

export interface AgentMetricsPorts {
  readonly runningTasks: () => readonly Task[];
  readonly statuses: () => readonly (readonly [taskId: string, status: TaskStatus])[];
  /** Undefined: the container is gone. */
  readonly stats: (taskId: string) => Promise<ContainerStats | undefined>;
  readonly nameAnswers: () => readonly NameAnswers[];
  readonly isConnected: () => boolean;
  readonly isManagerRunning: () => boolean;
  /** End of validity of this node's certificate, epoch milliseconds; undefined: it has none. */
  readonly certificateNotAfterMs: () => number | undefined;
}

const containerLabels = ['stack', 'service', 'slot', 'task'] as const;
type ContainerLabel = (typeof containerLabels)[number];

const labelsOf = ({ stack, serviceName, slot, id }: Task): Record<ContainerLabel, string> => ({
  stack,
  service: serviceName,
  slot: String(slot),
  task: id,
});

const containerFigures: readonly (readonly [name: string, help: string, read: (stats: ContainerStats) => number])[] = [
  ['container_cpu_seconds_total', 'CPU time that the container used since its start.', ({ cpuNs }) => cpuNs / 1e9],
  [
    'container_cpu_throttled_seconds_total',
    'Time that the container was held back by its CPU limit.',
    ({ throttledNs }) => throttledNs / 1e9,
  ],
  ['container_memory_bytes', 'Memory in use, without file cache that would be given back first.', ({ memoryBytes }) => memoryBytes],
  ['container_memory_limit_bytes', 'Memory limit; 0: none.', ({ memoryLimitBytes }) => memoryLimitBytes],
  ['container_pids', 'Processes and threads.', ({ pids }) => pids],
  ['container_block_read_bytes_total', 'Bytes read from block devices.', ({ blockReadBytes }) => blockReadBytes],
  ['container_block_written_bytes_total', 'Bytes written to block devices.', ({ blockWriteBytes }) => blockWriteBytes],
];

/** What an agent measures of its node and of each container's cgroup; read when somebody asks. */
export class AgentMetrics {
  readonly #ports: AgentMetricsPorts;
  readonly #registry: Registry = newRegistry('agent', version);
  readonly #containers: readonly (readonly [gauge: Gauge<ContainerLabel>, read: (stats: ContainerStats) => number])[];

  constructor(ports: AgentMetricsPorts) {
    this.#ports = ports;
    this.#containers = containerFigures.map(
      ([name, help, read]) =>
        [new Gauge({ name: `tso_agent_${name}`, help, labelNames: [...containerLabels], registers: [this.#registry] }), read] as const,
    );
    this.#gauge('session_connected', '1 while a manager leads this node.', () => Number(ports.isConnected()));
    this.#gauge('manager_running', '1 while a manager runs on this node.', () => Number(ports.isManagerRunning()));
    this.#gauge('certificate_not_after_seconds', 'End of validity of the certificate, epoch seconds; 0: none.', () =>
      Math.floor((ports.certificateNotAfterMs() ?? 0) / 1_000),
    );
    this.#tasks();
    this.#names();
  }

  /** In the exposition format. */
  async text(): Promise<string> {
    await this.#readContainers();
    return this.#registry.metrics();
  }

  #gauge(name: string, help: string, read: () => number): void {
    const gauge: Gauge = new Gauge({ name: `tso_agent_${name}`, help, registers: [this.#registry], collect: () => gauge.set(read()) });
  }

  #tasks(): void {
    const gauge: Gauge<'state'> = new Gauge({
      name: 'tso_agent_tasks',
      help: 'Tasks of this node by state.',
      labelNames: ['state'],
      registers: [this.#registry],
      collect: () => {
        gauge.reset();
        for (const [, { state }] of this.#ports.statuses()) gauge.inc({ state: taskStateName(state) });
      },
    });
  }

  #names(): void {
    const gauge: Gauge<'code' | 'source'> = new Gauge({
      name: 'tso_agent_name_answers_total',
      help: 'Answers that containers got to questions for names, by code and by who knew.',
      labelNames: ['code', 'source'],
      registers: [this.#registry],
      collect: () => {
        for (const { code, elsewhere, count } of this.#ports.nameAnswers())
          gauge.set({ code, source: elsewhere ? 'elsewhere' : 'own' }, count);
      },
    });
  }

  /** A container that ended meanwhile is left out rather than shown as it was. */
  async #readContainers(): Promise<void> {
    const read = await Promise.all(
      this.#ports.runningTasks().map(async (task) => ({ labels: labelsOf(task), stats: await this.#ports.stats(task.id) })),
    );
    for (const [gauge, value] of this.#containers) {
      gauge.reset();
      for (const { labels, stats } of read) if (stats !== undefined) gauge.set(labels, value(stats));
    }
  }
}
