import { type PortConfig, PublishMode, type Task } from '@tso/proto';
import type { Networks, PublishedPort } from '../../network/types.ts';
import type { Step, StepContext } from '../step.ts';

/**
 * What a task publishes on its own host alone (mode host); what every node answers on is told by the manager. With the host's network its ports are
 * the host's already.
 */
export const publishedPortsOf = (task: Task, serving: boolean): readonly PublishedPort[] => {
  const address = task.networks[0]?.address;
  if (address === undefined) return [];
  return task.ports
    .filter((port: PortConfig) => port.published !== 0 && port.mode === PublishMode.HOST)
    .map((port) => ({
      taskId: task.id,
      serviceId: task.serviceId,
      serviceName: `${task.stack}_${task.serviceName}`,
      port,
      address,
      serving,
    }));
};

/** Holds its published ports on this host, so that a clash is told before anything runs. */
export class PortsStep implements Step {
  readonly #networks: Networks;
  readonly #release: () => Promise<void>;

  /** @param release publishes again what the remaining tasks hold */
  constructor(networks: Networks, release: () => Promise<void>) {
    this.#networks = networks;
    this.#release = release;
  }

  async do({ task }: StepContext): Promise<void> {
    const ports = publishedPortsOf(task, false);
    if (ports.length > 0) await this.#networks.reserve(ports);
  }

  async undo(task: Task): Promise<void> {
    if (publishedPortsOf(task, false).length > 0) await this.#release();
  }
}
