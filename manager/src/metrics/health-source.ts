import type { HealthSource } from '@tso/proto/rpc';
import type { NodeId } from '../raft/core/index.ts';

export interface LedDriver {
  readonly lead: NodeId;
  on(event: 'leader change', listener: () => void): unknown;
  off(event: 'leader change', listener: () => void): unknown;
}

/** What a manager offers to operators and agents: it serves them while it knows a leader, itself or another. */
const services: readonly string[] = ['', 'tso.v1.Control', 'tso.v1.Dispatcher', 'tso.v1.Ca', 'tso.v1.Managers'];

/** The health of a manager as the standard service of gRPC tells it: without a leader nothing can be read or changed. */
export const healthOf = (driver: LedDriver): HealthSource => ({
  isServing: (service) => (services.includes(service) ? driver.lead !== 0 : undefined),
  onChange: (listener) => {
    driver.on('leader change', listener);
    return () => void driver.off('leader change', listener);
  },
});
