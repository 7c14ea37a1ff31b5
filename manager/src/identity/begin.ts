import { readFile } from 'node:fs/promises';
import { type Authority, type Clock, type Logger, newId, type Random, sentenceOf, TsoError } from '@tso/proto';
import { readIdentity, writeIdentity } from '@tso/proto/pki';
import { beginRestored } from '../backup/begin-restored.ts';
import { issueFirst, makeBootstrap } from '../ca/bootstrap.ts';
import type { ManagerConfig } from '../config.ts';
import { limits } from '../limits.ts';
import { logExists } from '../raft/io/index.ts';
import { logDirectoryOf } from '../replication/log-directory.ts';
import { type Founding, prepareFounding, readFounding } from './founding.ts';
import type { UnlockKey } from './unlock-key.ts';

export type BeginOptions = Pick<
  ManagerConfig,
  'stateDir' | 'nodeId' | 'identityDir' | 'bootstrapCa' | 'restore' | 'join' | 'peerDoor' | 'forceNewCluster'
>;

export interface BeginPorts {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly unlockKey: Pick<UnlockKey, 'change'>;
}

const read = async (what: string, file: string): Promise<string> => {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new TsoError('NOT_FOUND', `the ${what} ${file} cannot be read: ${sentenceOf(error)}`, { cause: error });
  }
};

const givenRoot = async ({ bootstrapCa }: BeginOptions) =>
  bootstrapCa === undefined
    ? undefined
    : {
        certificate: await read('certificate of the authority', bootstrapCa.certificate),
        key: await read('key of the authority', bootstrapCa.key),
      };

const restore = async (file: string, options: BeginOptions, ports: BeginPorts): Promise<void> => {
  const { stateDir, nodeId, identityDir, peerDoor } = options;
  const { lockPatienceMs } = limits;
  const issue = async (clusterId: string, authority: Authority): Promise<void> => {
    if (identityDir === undefined) return;
    await writeIdentity(identityDir, await issueFirst(authority, { clusterId, nodeId, ...ports }));
  };
  const key = await beginRestored({ file, stateDir, nodeId, address: peerDoor?.address ?? '', lockPatienceMs }, { ...ports, issue });
  // Whoever could read the backup is not asked for what stands in it.
  if (key !== undefined) ports.unlockKey.change(key);
};

const found = async (identityDir: string, options: BeginOptions, ports: BeginPorts): Promise<Founding> => {
  const { stateDir, nodeId } = options;
  return prepareFounding(stateDir, {
    make: async () => {
      const given = await givenRoot(options);
      const clusterId = newId((count) => ports.random.bytes(count));
      return makeBootstrap({ clusterId, nodeId, ...ports, ...(given === undefined ? {} : { given }) });
    },
    issue: ({ clusterId, authority }) => issueFirst(authority, { clusterId, nodeId, ...ports }),
    hasIdentity: async () => (await readIdentity(identityDir)) !== undefined,
    writeIdentity: (identity) => writeIdentity(identityDir, identity),
  });
};

const lostState = (identityDir: string, stateDir: string): TsoError =>
  new TsoError('FAILED_PRECONDITION', `this node has a certificate (${identityDir}) but its manager has no state (${stateDir})`, {
    hint: 'Restore the state directory, take a backup in (`tso restore`), or have the node leave (`tso leave --force`) and join again',
  });

/**
 * What has to be there before a manager can show who it is: for the first of a new cluster an authority and a certificate of it, for a
 * restored one the backup's. The founding that is not in the store yet, if any. Does nothing for a manager that joins or goes on.
 * Errors name the file that is missing, damaged or unfit.
 */
export const beginIdentity = async (options: BeginOptions, ports: BeginPorts): Promise<Founding | undefined> => {
  const { stateDir, identityDir, join } = options;
  if (options.restore !== undefined) await restore(options.restore, options, ports);
  if (identityDir === undefined) return undefined;
  if (await logExists(logDirectoryOf(stateDir), ports)) return readFounding(stateDir);
  if (join !== undefined || options.forceNewCluster) return undefined;
  const begun = await readFounding(stateDir);
  if (begun === undefined && (await readIdentity(identityDir)) !== undefined) throw lostState(identityDir, stateDir);
  return found(identityDir, options, ports);
};
