import { arch, availableParallelism, hostname, release, totalmem } from 'node:os';
import { emptyNodeDescription, type GenericResource, imageArchitecture, type NodeDescription, version } from '@tso/proto';

/** What this host is and has, for the scheduler. */
export const describeNode = (generic: readonly GenericResource[]): NodeDescription => ({
  ...emptyNodeDescription,
  hostname: hostname(),
  platform: { os: 'linux', architecture: imageArchitecture(arch()), variant: '' },
  resources: { nanoCpus: availableParallelism() * 1e9, memoryBytes: totalmem(), pids: 0 },
  engineVersion: version,
  engineLabels: {},
  kernel: release(),
  generic,
});
