import { createReadStream } from 'node:fs';
import { emptyMeta, encode, NodeRole, newNode, type StoreAction, TsoError } from '@tso/proto';
import { soleManagerActions } from '../replication/sole-manager.ts';
import { StoreMachine } from '../replication/store-machine.ts';
import type { View } from '../store/view.ts';
import { type BackupHeader, readBackup } from './format.ts';

/** The manager that a restored cluster begins with. */
export interface RestoringManager {
  readonly nodeId: string;
  /** Of its door for the others; empty: none. */
  readonly address: string;
  readonly nowMs: number;
}

/** A state to begin a new group of managers with. */
export interface Restored {
  readonly header: BackupHeader;
  readonly machine: StoreMachine;
  /** Of the one manager; never used before. */
  readonly raftId: number;
}

const openFile = async (file: string): Promise<AsyncIterable<Uint8Array>> => {
  const stream = createReadStream(file);
  await new Promise<void>((resolve, reject) => {
    stream.once('open', () => resolve());
    stream.once('error', (error) =>
      reject(new TsoError('NOT_FOUND', `the backup ${file} cannot be read: ${error.message}`, { cause: error })),
    );
  });
  return stream;
};

/** What the backup's own managers were is over: this one is the first of a new group. */
const adoption = (view: View, { nodeId, address }: RestoringManager, raftId: number): readonly StoreAction[] => [
  ...soleManagerActions(view, { raftId, nodeId }),
  { putManager: { id: String(raftId), meta: emptyMeta, raftId, nodeId, address, wantsVote: true, removed: false } },
  {
    putNode: {
      ...(view.node(nodeId) ?? { ...newNode, id: nodeId }),
      role: NodeRole.MANAGER,
      wantedRole: NodeRole.MANAGER,
      removing: false,
    },
  },
];

/**
 * The state in the file, with this manager as the only one. Nothing is written. DATA_LOSS: the file is not whole. NOT_FOUND: it cannot be
 * read. FAILED_PRECONDITION: it is of a newer release, or has no cluster in it.
 */
export const restoreFrom = async (file: string, manager: RestoringManager): Promise<Restored> => {
  const { header, contents } = await readBackup(await openFile(file));
  const machine = new StoreMachine();
  await machine.restore(header.index, contents);
  if (machine.view.cluster() === undefined) {
    throw new TsoError('FAILED_PRECONDITION', `the backup ${file} has no cluster in it`, { hint: 'It was made before there was one' });
  }
  const raftId = Math.max(0, ...machine.view.managers().map((it) => it.raftId)) + 1;
  const actions = [...adoption(machine.view, manager, raftId)];
  machine.apply(machine.view.index + 1, encode('Transaction', { actions, expect: [], atMs: manager.nowMs, origin: 'restore' }));
  return { header, machine, raftId };
};
