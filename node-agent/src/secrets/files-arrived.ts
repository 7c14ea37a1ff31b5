import type { Clock, Task } from '@tso/proto';
import { limits } from '../limits.ts';
import type { FileStore } from './file-store.ts';
import { absentFiles, fileWords, notSent } from './task-files.ts';

export interface FilesArrivedPorts {
  readonly clock: Clock;
  readonly files: Pick<FileStore, 'version' | 'arrived' | 'told'>;
}

/**
 * Resolves once the secrets and configs of the task were sent here, saying meanwhile what it waits for; rejects when the signal is aborted.
 * FAILED_PRECONDITION: a manager has said what is to be here, and they were not part of it, nor came they in good time. While no manager says
 * anything it waits on: after a reboot nobody else knows them.
 */
export const filesArrived = async (
  task: Task,
  { signal, say }: { readonly signal: AbortSignal; readonly say: (message: string) => void },
  { clock, files }: FilesArrivedPorts,
): Promise<void> => {
  const absent = absentFiles(task, (id) => files.version(id));
  if (absent.length === 0) return signal.throwIfAborted();
  say(`waits for ${fileWords(absent)} from the manager`);
  const wait = new AbortController();
  let cancel: () => void = () => undefined;
  void files.told.then(() => {
    if (!wait.signal.aborted) cancel = clock.setTimer(limits.filesMs, () => wait.abort(notSent(task, absent, limits.filesMs)));
  });
  try {
    await files.arrived(
      absent.map(({ versionId }) => versionId),
      AbortSignal.any([signal, wait.signal]),
    );
    say('');
  } finally {
    cancel();
    wait.abort();
  }
};
