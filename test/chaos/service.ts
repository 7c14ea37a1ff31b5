import type { ClusterLab } from '../lab/hosts/cluster-lab.ts';
import type { Seen } from '../lab/hosts/probe.ts';
import { seenOn } from '../lab/hosts/probe.ts';

export const stackName = 'chaos';
export const serviceName = 'app';
const firstReplicas = 5;

/** Ends as servers should: takes no more, finishes what it has. */
const server = [
  'mkdir -p /tmp/www/cgi-bin',
  `printf '#!/bin/sh\\nsleep 0.1\\nprintf "Content-Type: text/plain\\\\r\\\\n\\\\r\\\\nhello\\\\n"\\n' > /tmp/www/cgi-bin/slow`,
  'chmod 755 /tmp/www/cgi-bin/slow',
  'httpd -f -p 80 -h /tmp/www & listener=$$!',
  `trap 'kill $$listener; sleep 1; exit 0' TERM`,
  'while :; do sleep 3600 & wait $$!; done',
].join('; ');

const yaml = (replicas: number): string => `
services:
  ${serviceName}:
    image: busybox:1
    command: ["/bin/sh", "-c", ${JSON.stringify(server)}]
    stop_grace_period: 5s
    deploy: { replicas: ${replicas}, restart_policy: { delay: 0s } }
  client:
    image: busybox:1
    stop_grace_period: 100ms
    deploy: { mode: global }
`;

export type SeenTask = Seen & { readonly slot: number };

/** The service whose promises are checked, as the world outside of managers and agents sees it. */
export class ChaosService {
  readonly #cluster: ClusterLab;
  /** A task's slot never changes: what was once said of it holds when nobody answers. */
  readonly #slots = new Map<string, number>();
  readonly #others = new Set<string>();
  #replicas = firstReplicas;

  constructor(cluster: ClusterLab) {
    this.#cluster = cluster;
  }

  get replicas(): number {
    return this.#replicas;
  }

  async start(): Promise<void> {
    await this.#cluster.up(stackName, yaml(firstReplicas));
    await this.learn();
  }

  /** Accepted; its tasks follow. */
  async scale(replicas: number): Promise<void> {
    const scales = [{ service: serviceName, replicas }];
    await this.#cluster.ask((api) => api.control((control) => control.scaleServices({ stack: stackName, scales }, { deadlineMs: 10_000 })));
    this.#replicas = replicas;
  }

  /** Asks the cluster which slots the tasks are of. */
  async learn(): Promise<void> {
    for (const { service, tasks } of (await this.#cluster.stack(stackName)).services)
      for (const { id, slot } of tasks)
        if (service.spec.name === serviceName) this.#slots.set(id, slot);
        else this.#others.add(id);
  }

  /** Containers of the service that run, as the kernel shows them; those whose slot nobody has told yet are left out. */
  async seen(): Promise<readonly SeenTask[]> {
    return (await seenOn(this.#cluster.lab.hosts)).flatMap((seen) => {
      const slot = this.#slots.get(seen.taskId);
      return slot === undefined ? [] : [{ ...seen, slot }];
    });
  }

  /** Containers of which nobody has told yet what they are. */
  async unknown(): Promise<readonly Seen[]> {
    return (await seenOn(this.#cluster.lab.hosts)).filter(({ taskId }) => !this.#slots.has(taskId) && !this.#others.has(taskId));
  }
}
