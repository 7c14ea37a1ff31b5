import { type Clock, type Lifecycle, type Logger, sentenceOf } from '@tso/proto';
import type { TlsMaterial } from '@tso/proto/rpc';
import type { Route } from '../engine/router.ts';
import { limits } from '../limits.ts';
import { patiently } from '../task/patience.ts';
import { AgentMetrics, type AgentMetricsPorts } from './agent-metrics.ts';
import { type Health, ScrapeDoor, sendHealth, sendText } from './scrape-door.ts';

export interface ObservabilityOptions {
  /** host:port for scrapers; empty: on the node's own socket alone. */
  readonly metricsAddr: string;
}

export interface ObservabilityPorts extends AgentMetricsPorts {
  readonly clock: Clock;
  readonly logger: Logger;
  /** The manager's figures; empty: none runs here. */
  readonly managerMetrics: () => Promise<string>;
  /** Whether this node is part of a cluster at all. */
  readonly isMember: () => boolean;
  /** A manager is wished to run here. */
  readonly isManagerWished: () => boolean;
  readonly tls: () => TlsMaterial | undefined;
}

/** The manager answers within a moment, or its figures are left out: the node's own are worth having without them. */
const managerPatienceMs = 2_000;

/** What others can know of this node's state: figures and health, on its socket and, when asked for, at an address for scrapers. */
export class Observability implements Lifecycle {
  readonly #ports: ObservabilityPorts;
  readonly #metrics: AgentMetrics;
  readonly #door: ScrapeDoor | undefined;
  #cancelRetry: () => void = () => undefined;
  #reason = '';
  #stopped = false;

  constructor({ metricsAddr }: ObservabilityOptions, ports: ObservabilityPorts) {
    this.#ports = ports;
    this.#metrics = new AgentMetrics(ports);
    if (metricsAddr === '') return;
    const { logger, tls } = ports;
    this.#door = new ScrapeDoor({ address: metricsAddr }, { logger, tls, metrics: () => this.text(), health: () => this.health() });
  }

  /** What keeps it from listening (no certificate yet, an address in use) may pass: the node does its work meanwhile. */
  async start(): Promise<void> {
    const { clock, logger } = this.#ports;
    try {
      await this.#door?.start();
    } catch (error) {
      const reason = sentenceOf(error);
      if (reason !== this.#reason) logger.error({ error: reason }, 'figures are not served to scrapers; tried again');
      this.#reason = reason;
      if (!this.#stopped) this.#cancelRetry = clock.setTimer(limits.scrapeDoorAgainMs, () => void this.start());
    }
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancelRetry();
    await this.#door?.stop();
  }

  /** The node's and its manager's, in the exposition format. */
  async text(): Promise<string> {
    return `${await this.#metrics.text()}\n${await this.#managerText()}`;
  }

  health(): Health {
    const { isMember, isConnected, isManagerWished, isManagerRunning } = this.#ports;
    const session = !isMember() || isConnected() ? 'ok' : 'no manager answers: containers go on, nothing new is begun';
    const manager = !isManagerWished() || isManagerRunning() ? 'ok' : 'the manager of this node does not answer';
    const parts = { agent: 'ok', session, manager };
    return { healthy: session === 'ok' && manager === 'ok', parts };
  }

  async #managerText(): Promise<string> {
    const { clock, logger, managerMetrics } = this.#ports;
    try {
      return await patiently(managerMetrics(), { what: 'the figures of the manager', limitMs: managerPatienceMs }, clock);
    } catch (error) {
      logger.warn({ error: sentenceOf(error) }, 'the figures of the manager are left out');
      return '';
    }
  }
}

/** The same on the node's own socket. */
export const observabilityRoutes = (running: () => Pick<Observability, 'text' | 'health'>): readonly Route[] => [
  { method: 'GET', path: '/metrics', handler: async (_, response) => sendText(response, await running().text()) },
  { method: 'GET', path: '/healthz', handler: async (_, response) => sendHealth(response, running().health()) },
];
