import type { NodeDescription } from '@tso/proto';
import type { RpcChannel } from '@tso/proto/rpc';
import type { Networks } from '../network/types.ts';
import type { AgentPaths } from '../paths.ts';
import type { Worker } from '../worker.ts';
import type { ManagerChild } from './manager-child.ts';
import type { MemberLife, MemberLifePorts } from './member-life.ts';
import type { AddressWish } from './node-addresses.ts';
import type { OwnAddress } from './own-address.ts';

/** The addresses are those that were said to the daemon; empty: nothing was. */
export interface ClusterMemberOptions extends AddressWish {
  readonly paths: AgentPaths;
  /** Where the manager of a node listens to which nothing was said; empty: nowhere. */
  readonly defaultListenAddr: string;
  readonly description: NodeDescription;
}

export interface ClusterMemberPorts extends Omit<MemberLifePorts, 'manager' | 'worker' | 'networks' | 'configureNetworks' | 'onRemoved'> {
  readonly manager: Pick<
    ManagerChild,
    'start' | 'stop' | 'pid' | 'state' | 'isThere' | 'run' | 'halt' | 'order' | 'unlock' | 'renewTls' | 'listen' | 'metrics'
  >;
  readonly worker: MemberLifePorts['worker'] & Pick<Worker, 'clear'>;
  readonly networks: Pick<Networks, 'configure'> & MemberLifePorts['networks'];
  /** A connection of who has no certificate yet, which believes only a manager of the cluster whose root has this digest. */
  readonly joinChannel: (address: string, digest: string) => RpcChannel;
  /** A range of addresses that this host does not use. */
  readonly choosePool: () => Promise<string>;
  readonly ownAddress: Pick<OwnAddress, 'choose' | 'towards'>;
}

/** What the operations on a node's membership share. */
export interface Member {
  readonly options: ClusterMemberOptions;
  readonly ports: ClusterMemberPorts;
  readonly life: MemberLife;
}
