import { type BackupPart, type Clock, TsoError, version } from '@tso/proto';
import type { Control as ControlService, Handlers } from '@tso/proto/rpc';
import { backupBytes } from '../backup/format.ts';
import type { Proposer } from '../replication/proposer.ts';

export interface BackupPorts {
  readonly proposer: Proposer;
  readonly clock: Clock;
  /** All of the store as of one instant; later changes do not touch it. */
  readonly capture: () => { readonly index: number; readonly contents: AsyncIterable<Uint8Array> };
}

const backup = async function* ({ proposer, clock, capture }: BackupPorts): AsyncGenerator<BackupPart> {
  await proposer.fresh();
  const clusterId = proposer.view.cluster()?.id;
  if (clusterId === undefined) throw new TsoError('FAILED_PRECONDITION', 'there is no cluster yet that could be backed up');
  const { index, contents } = capture();
  for await (const data of backupBytes({ clusterId, index, createdAtMs: clock.now(), version }, contents)) yield { data };
};

/** The whole state of the cluster as one file; from any manager, not older than the call. */
export const backupHandlers = (ports: BackupPorts): Pick<Handlers<typeof ControlService>, 'backup'> => ({
  backup: () => backup(ports),
});
