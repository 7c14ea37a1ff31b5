import { readFileSync } from 'node:fs';
import type { ServiceSpec } from '@tso/proto';
import type { ClusterLab } from '../hosts/cluster-lab.ts';
import { containers } from './cluster-net.ts';
import type { CommandOutcome } from './command.ts';
import { command } from './journal.ts';

/** Runs until it is told to stop, at once. */
export const idles = "trap 'exit 0' TERM; while :; do sleep 3600 & wait $!; done";

export interface ShopWish {
  readonly level?: string;
  readonly replicas?: number;
  /** More of `update_config`, with a comma before it. */
  readonly update?: string;
  readonly label?: string;
  readonly cache?: boolean;
}

/** A stack whose tasks do nothing, and begin and end at once. */
export const shop = ({ level = 'one', replicas = 3, update = '', label = 'none', cache = true }: ShopWish = {}): string => `
services:
  web:
    image: busybox:1
    stop_grace_period: 5s
    ${command(idles)}
    environment: { LEVEL: ${level} }
    deploy: { replicas: ${replicas}, labels: { team: ${label} }, update_config: { parallelism: 1, monitor: 0s${update} }, rollback_config: { parallelism: 0, monitor: 0s } }
${cache ? `  cache: { image: "busybox:1", stop_grace_period: 5s, ${command(idles)} }\n` : ''}`;

/** Which of these places have the same process as before. */
export const unchanged = (before: ReadonlyMap<number, number>, after: ReadonlyMap<number, number>): readonly number[] =>
  [...after].filter(([slot, pid]) => before.get(slot) === pid).map(([slot]) => slot);

/** The stack `shop` of a cluster, as the kernel and the cluster show it. */
export class Shop {
  readonly #cluster: ClusterLab;

  constructor(cluster: ClusterLab) {
    this.#cluster = cluster;
  }

  /** Processes of a service, by slot. */
  async pids(service: string): Promise<ReadonlyMap<number, number>> {
    return new Map((await containers(this.#cluster, 'shop', service)).map(({ slot, pid }) => [slot, pid]));
  }

  /** The variable in each container of a service, as the kernel shows it. */
  async variable(service: string, name: string): Promise<readonly string[]> {
    return [...(await this.pids(service)).values()].map((pid) => {
      const found = readFileSync(`/proc/${pid}/environ`, 'utf8')
        .split('\0')
        .find((line) => line.startsWith(`${name}=`));
      return found?.slice(name.length + 1) ?? 'none';
    });
  }

  async specOf(service: string): Promise<ServiceSpec> {
    const found = (await this.#cluster.stack('shop')).services.find((it) => it.service.spec.name === service);
    if (found === undefined) throw new Error(`there is no service ${service}`);
    return found.service.spec;
  }

  /** `tso diff` with that file. */
  diff(yaml: string, ...args: readonly string[]): Promise<CommandOutcome> {
    const by = this.#cluster.host('m2');
    return by.tso(['diff', '-f', '-', '-p', 'shop', ...args], { input: yaml, cwd: by.folder });
  }
}
