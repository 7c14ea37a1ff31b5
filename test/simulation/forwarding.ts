import type { Cluster } from './cluster.ts';
import type { NodeId } from './core-door.ts';
import { failure } from './driver-door.ts';
import { DriverNode } from './driver-node.ts';

const timeoutMs = 2500;

/** A unary call from one member to another: it may be lost on the way there, or its answer on the way back. */
export const forwarding = (cluster: Cluster, from: NodeId, to: NodeId, command: Uint8Array): Promise<{ readonly index: number }> => {
  const { agenda, chance, network } = cluster;
  return new Promise((resolve, reject) => {
    const carry = (a: NodeId, b: NodeId, work: () => void): void => {
      const isLost = chance.happens(network.weather.drop);
      agenda.plan(1 + chance.below(network.weather.slowest), () => {
        if (!isLost && !network.isCut(a, b)) work();
      });
    };
    const unknown = failure('unknown', 'UNAVAILABLE', `node ${to} did not answer: the command may have been taken`);
    agenda.plan(timeoutMs, () => reject(unknown));
    carry(from, to, () => {
      const target = cluster.nodes.get(to);
      if (!(target instanceof DriverNode) || !target.up) {
        reject(failure('refused', 'UNAVAILABLE', `node ${to} is not there`));
        return;
      }
      const deliver = (): void => {
        if (agenda.now < target.pausedUntil) {
          agenda.plan(target.pausedUntil - agenda.now, deliver);
          return;
        }
        target.takeForwarded(command).then(
          ({ index }) => carry(to, from, () => resolve({ index })),
          (error: unknown) => carry(to, from, () => reject(error)),
        );
      };
      deliver();
    });
  });
};
