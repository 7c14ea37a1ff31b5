import { arch, availableParallelism, hostname, release, totalmem } from 'node:os';
import { emptyNodeDescription, type NodeDescription, version } from '@tso/proto';

/** Node's names of processor families to those of image indexes (OCI image-spec image-index, GOARCH). */
const architectures: Readonly<Record<string, string>> = {
  x64: 'amd64',
  ia32: '386',
  arm64: 'arm64',
  arm: 'arm',
  ppc64: 'ppc64le',
  s390x: 's390x',
  riscv64: 'riscv64',
};

/** What this host is and has, for the scheduler. */
export const describeNode = (): NodeDescription => ({
  ...emptyNodeDescription,
  hostname: hostname(),
  platform: { os: 'linux', architecture: architectures[arch()] ?? arch(), variant: '' },
  resources: { nanoCpus: availableParallelism() * 1e9, memoryBytes: totalmem(), pids: 0 },
  engineVersion: version,
  engineLabels: {},
  kernel: release(),
});
