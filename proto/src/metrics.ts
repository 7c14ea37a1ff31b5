import { collectDefaultMetrics, Gauge, Registry } from 'prom-client';

export { Counter, Gauge, Histogram, type Registry } from 'prom-client';

/** Upper bounds in seconds, for what takes from under a millisecond to half a minute. */
export const durationBuckets: readonly number[] = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/**
 * The figures of one program, in the Prometheus exposition format (text, 0.0.4). Every name begins with `tso_manager_` or `tso_agent_`, so
 * that both of a node can be shown on one page. What Node.js tells of its process is in it: CPU, memory, event loop, garbage collection.
 */
export const newRegistry = (program: 'manager' | 'agent', version: string): Registry => {
  const registry = new Registry();
  const prefix = `tso_${program}_`;
  collectDefaultMetrics({ register: registry, prefix });
  new Gauge({
    name: `${prefix}build_info`,
    help: 'Which release runs; the value is 1.',
    labelNames: ['version', 'node_version'],
    registers: [registry],
  }).set({ version, node_version: process.version }, 1);
  return registry;
};
