import { rm } from 'node:fs/promises';
import { type Clock, type Logger, newId, parseUnlockKey, type Random, TsoError } from '@tso/proto';
import { Raft, RpcChannel, type TlsMaterial } from '@tso/proto/rpc';
import type { UnlockKey } from '../identity/unlock-key.ts';
import { emptyConfState } from '../raft/core/index.ts';
import {
  createLog,
  type DiskOptions,
  type DriverOptions,
  defaultDiskOptions,
  type FileDisk,
  type LogIdentity,
  logExists,
  openLog,
} from '../raft/io/index.ts';
import { logDirectoryOf, preparedDirectoryOf, prepareStateDirectory } from './log-directory.ts';
import { forceNewCluster } from './new-cluster.ts';
import { StoreMachine } from './store-machine.ts';

export interface ReplicationOptions {
  readonly stateDir: string;
  readonly nodeId: string;
  /** Where other managers reach this one; without it there can be no others. */
  readonly peerDoor: { readonly listen: string; readonly address: string } | undefined;
  /** Peer door of a member, for the first start of a manager that is to join. */
  readonly join: string | undefined;
  readonly tls: TlsMaterial | undefined;
  /** The other managers are lost for ever: go on alone with what is here. */
  readonly forceNewCluster: boolean;
  readonly driver: Omit<DriverOptions, 'raftId'>;
  readonly lockPatienceMs: number;
  /** What opens a log that is locked. */
  readonly unlockKey: UnlockKey;
}

export interface OpenedDisk {
  readonly disk: FileDisk;
  /** Node ids of the managers, as the group named them to this one, which has joined it just now; undefined: it did not. */
  readonly named: ReadonlySet<string> | undefined;
}

export interface OpenDiskPorts {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
}

const diskOptions = ({ lockPatienceMs }: ReplicationOptions, key?: string): DiskOptions => ({
  ...defaultDiskOptions,
  lockPatienceMs,
  ...(key === undefined ? {} : { keyEncryptionKey: parseUnlockKey(key) }),
});

/**
 * The log that this manager works on: the one on disk, or the beginning of one after joining a group, or that of a new group. Errors name
 * what is wrong with the directory, the certificate, or the group that was to be joined.
 */
export const openDisk = async (options: ReplicationOptions, ports: OpenDiskPorts): Promise<OpenedDisk> => {
  const { stateDir, nodeId, join, tls } = options;
  requireOwnCertificate(tls, nodeId);
  await prepareStateDirectory(stateDir);
  const directory = logDirectoryOf(stateDir);
  const exists = await logExists(directory, ports);
  if (options.forceNewCluster) await beginAnew(exists, options, ports);
  if (exists) return { disk: await openOwn(options, ports), named: undefined };
  if (join !== undefined) {
    const { identity, named } = await joinGroup(join, options, ports);
    return { disk: await createLog(directory, identity, undefined, diskOptions(options), ports), named };
  }
  const identity: LogIdentity = { groupId: newId((count) => ports.random.bytes(count)), raftId: 1, nodeId };
  ports.logger.info({ groupId: identity.groupId }, 'a new group of managers was made');
  const bootstrap = { index: 1, term: 1, confState: { ...emptyConfState, voters: [1] }, contents: new StoreMachine().capture() };
  return { disk: await createLog(directory, identity, bootstrap, diskOptions(options), ports), named: undefined };
};

const openOwn = async (options: ReplicationOptions, ports: OpenDiskPorts): Promise<FileDisk> => {
  const { stateDir, nodeId } = options;
  const { unlockKey } = options;
  const disk = await unlockKey.open(async (key) => {
    const opened = await openLog(logDirectoryOf(stateDir), diskOptions(options, key), ports);
    unlockKey.change(opened.isLocked ? key : undefined);
    return opened;
  });
  // Nobody else works here now, and what was prepared without taking this one's place would never be locked.
  await rm(preparedDirectoryOf(stateDir), { recursive: true, force: true });
  if (disk.identity.nodeId === nodeId) return disk;
  await disk.close();
  const why = `the state directory ${stateDir} belongs to node ${disk.identity.nodeId}, this is node ${nodeId}`;
  throw new TsoError('FAILED_PRECONDITION', why, {
    hint: 'Give each manager a state directory of its own; one that was copied must not be used twice',
  });
};

const beginAnew = async (exists: boolean, options: ReplicationOptions, ports: OpenDiskPorts): Promise<void> => {
  const { stateDir } = options;
  if (!exists) {
    throw new TsoError('FAILED_PRECONDITION', `there is no log in ${stateDir} that a new cluster could be made of`, {
      hint: 'Give the state directory of a manager that survived, or start without --force-new-cluster',
    });
  }
  await forceNewCluster(stateDir, {
    ...ports,
    nowMs: ports.clock.now(),
    openLog: () => openOwn(options, ports),
    // What was locked is never written open, not for a moment.
    createLog: (directory, identity, bootstrap) =>
      createLog(directory, identity, bootstrap, diskOptions(options, options.unlockKey.text), ports),
  });
};

const joinGroup = async (
  through: string,
  { nodeId, peerDoor, tls }: ReplicationOptions,
  { logger }: OpenDiskPorts,
): Promise<{ readonly identity: LogIdentity; readonly named: ReadonlySet<string> }> => {
  if (peerDoor === undefined) {
    throw new TsoError('INVALID_ARGUMENT', 'a manager that joins needs --peer-listen, or the others could not reach it');
  }
  const channel = new RpcChannel(through, tls === undefined ? {} : { tls });
  try {
    const { groupId, raftId, peers } = await channel.client(Raft).join({ nodeId, address: peerDoor.address, passedOn: false });
    logger.info({ raftId, groupId, through }, 'joined the group of managers');
    return { identity: { groupId, raftId, nodeId }, named: new Set(peers.map((peer) => peer.nodeId)) };
  } finally {
    channel.close();
  }
};

/** A certificate of another node would let this manager be taken for that one. */
const requireOwnCertificate = (tls: TlsMaterial | undefined, nodeId: string): void => {
  if (tls === undefined || (tls.identity.nodeId === nodeId && tls.identity.role === 'manager')) return;
  const { nodeId: named, role } = tls.identity;
  throw new TsoError('FAILED_PRECONDITION', `the certificate is that of ${role} ${named}, this is manager ${nodeId}`, {
    hint: 'Give this node its own certificate: --tls-cert and --tls-key',
  });
};
