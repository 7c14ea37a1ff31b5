import type { Clock, Logger, NodeDescription, Random } from '@tso/proto';
import { joinChannel, RpcChannel } from '@tso/proto/rpc';
import type { AgentConfig } from './config.ts';
import { runCommand } from './host-command.ts';
import { NodeCertificates } from './membership/certificates.ts';
import { ClusterMember } from './membership/cluster-member.ts';
import type { IdentityFile } from './membership/identity.ts';
import { ManagerChild } from './membership/manager-child.ts';
import { ManagerList } from './membership/manager-list.ts';
import { managerStateOf } from './membership/member-files.ts';
import type { MemberLifePorts } from './membership/member-life.ts';
import { everywhere } from './membership/node-addresses.ts';
import { OwnAddress } from './membership/own-address.ts';
import { choosePool } from './network/pool.ts';
import type { Networks } from './network/types.ts';
import { identityDir, managerSocket, runDirTag } from './paths.ts';
import type { Worker } from './worker.ts';

export interface MakeClusterMemberOptions extends AgentConfig {
  readonly managerEntry: string;
  readonly description: NodeDescription;
}

export interface MakeClusterMemberPorts {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly identity: IdentityFile;
  readonly containers: MemberLifePorts['containers'];
  readonly images: MemberLifePorts['images'];
  readonly networks: Networks;
  readonly features: MemberLifePorts['features'];
  readonly worker: Worker;
}

/** Connections of hosts that vanished without a word are closed, those of a session sooner by its own pulse. */
const keepalive = { everyMs: 10_000, answerWithinMs: 5_000 } as const;

const ip = async (args: readonly string[]): Promise<string> => (await runCommand('ip', ['-json', ...args])).stdout;

/** This node's part in a cluster, with all that is made for it alone. Not started. */
export const makeClusterMember = (options: MakeClusterMemberOptions, ports: MakeClusterMemberPorts): ClusterMember => {
  const { paths, managerEntry, logLevel, managerFlags } = options;
  const certificates = new NodeCertificates({ directory: identityDir(paths) }, ports);
  const connect: MemberLifePorts['connect'] = (target, observer) =>
    target.kind === 'own'
      ? new RpcChannel(`unix:${managerSocket(paths)}`, observer)
      : new RpcChannel(target.address, { tls: certificates.tls(), expect: { role: 'manager' }, keepalive, ...observer });
  return new ClusterMember(
    { ...options, defaultListenAddr: runDirTag(paths) === '' ? everywhere : '' },
    {
      ...ports,
      certificates,
      managers: new ManagerList({ paths }, ports),
      manager: new ManagerChild({ paths, entry: managerEntry, logLevel, flags: managerFlags }, ports),
      managerState: managerStateOf(paths),
      connect,
      joinChannel,
      ownAddress: new OwnAddress({ ...ports, ip }),
      choosePool: async () => choosePool(await ip(['route', 'show', 'table', 'all']), ports.identity.current.nodeId),
    },
  );
};
