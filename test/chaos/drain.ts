import { NodeAvailability } from '@tso/proto';
import type { ClusterLab } from '../lab/hosts/cluster-lab.ts';
import type { LabHost } from '../lab/support/lab-host.ts';
import { Requests } from './requests.ts';
import { type ChaosService, serviceName, stackName } from './service.ts';

const requestsBefore = 20;

const setAvailability = async (cluster: ClusterLab, host: LabHost, availability: NodeAvailability): Promise<void> => {
  const { node } = await cluster.node(host);
  const change = { node: node.id, availability, labelsSet: {}, labelsRemove: [] };
  await cluster.ask((api) => api.control((control) => control.updateNode(change, { deadlineMs: 10_000 })));
};

/**
 * Drains a host and nothing else, while a container on another one asks the service all the time: its tasks run elsewhere in the end,
 * and not one request is lost on the way.
 */
export const drainWithRequests = async (cluster: ClusterLab, service: ChaosService, host: LabHost, from: LabHost): Promise<number> => {
  const requests = await Requests.from(cluster, from, stackName, 'client', `http://${serviceName}/cgi-bin/slow`);
  try {
    await requests.more(requestsBefore, 'before the drain');
    await setAvailability(cluster, host, NodeAvailability.DRAIN);
    await cluster.spread(stackName, serviceName, service.replicas, { butNot: [host] });
    await requests.more(requestsBefore, 'after the drain');
  } finally {
    await requests.stop();
    await setAvailability(cluster, host, NodeAvailability.ACTIVE);
  }
  if (requests.lost.length > 0)
    throw new Error(
      `${requests.lost.length} of ${requests.lost.length + requests.answered} requests were lost while ${host.name} was drained: ${requests.lost.slice(0, 3).join('; ')}`,
    );
  return requests.answered;
};
