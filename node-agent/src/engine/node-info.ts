import { type NodeDescription, version } from '@tso/proto';
import type { AgentConfig } from '../config.ts';
import type { MemberState } from '../membership/cluster-member.ts';
import type { Identity } from '../membership/identity.ts';

export interface NodeFacts {
  readonly config: Pick<AgentConfig, 'paths' | 'cgroupParent' | 'usernsRemap'>;
  readonly description: NodeDescription;
  readonly identity: Identity;
  /** `crun 1.8.1` */
  readonly runtime: string;
  readonly cgroupVersion: 1 | 2;
  readonly images: number;
  readonly runningTasks: number;
  readonly agentPid: number;
  readonly managerPid: number | undefined;
  readonly managerConnected: boolean;
  readonly member: MemberState;
  /** What is not as wished on this host, a sentence each. */
  readonly troubles: readonly string[];
}

/** What `GET /info` says of this host, in the shape of the Docker Engine API; what that has no word for is under `Tso`. */
export const nodeInfo = ({ config, description, identity, ...facts }: NodeFacts): object => ({
  ID: identity.nodeId,
  Name: description.hostname,
  ServerVersion: version,
  Driver: 'overlay',
  Images: facts.images,
  ContainersRunning: facts.runningTasks,
  CgroupVersion: String(facts.cgroupVersion),
  DefaultRuntime: facts.runtime,
  KernelVersion: description.kernel,
  NCPU: description.resources.nanoCpus / 1e9,
  MemTotal: description.resources.memoryBytes,
  DataDir: config.paths.dataDir,
  RunDir: config.paths.runDir,
  Warnings: facts.troubles,
  Swarm: {
    NodeID: identity.nodeId,
    NodeAddr: facts.member.address,
    LocalNodeState: facts.member.localState,
    ControlAvailable: facts.member.controlAvailable,
    Error: facts.member.problem,
    RemoteManagers: facts.member.managers.map(({ nodeId, address }) => ({ NodeID: nodeId, Addr: address })),
    Cluster: { ID: facts.member.clusterId },
  },
  Tso: {
    cgroupParent: config.cgroupParent,
    usernsRemap: config.usernsRemap === undefined ? '' : `${config.usernsRemap.base}:${config.usernsRemap.size}`,
    agentPid: facts.agentPid,
    managerPid: facts.managerPid,
    managerConnected: facts.managerConnected,
    addressPool: identity.membership?.addressPool ?? '',
  },
});
