import { readdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { type AssignmentSet, decode, emptyAssignmentSet, encode, type Logger, type Task, type TaskStatus } from '@tso/proto';
import { makePrivateDir, readIfThere, readJson, removeFile, writeDurably } from './durable-file.ts';
import { type AgentPaths, taskRecordsDir } from './paths.ts';

/** What the agent must still know about a task after a crash. */
export interface TaskRecord {
  /** As last assigned. */
  readonly task: Task;
  /** As last observed and reported. */
  readonly status: TaskStatus;
  /** Image the container is made from; empty: not chosen yet. */
  readonly imageId: string;
  /** Images that it mounts, and those of its hooks; absent: none, or not chosen yet. */
  readonly mountImageIds?: readonly string[];
  /** That image's own stop signal; empty: none, or not known yet. */
  readonly stopSignal: string;
  /** When the stop signal went out; 0: it did not. */
  readonly stopSentAtMs: number;
  /** When it left all answers and maps, before the stop signal; 0: it did not, or had nothing to wait for. */
  readonly drainingSinceMs: number;
  /** Its hooks after the start have all succeeded. */
  readonly postStarted: boolean;
  /** When its hooks before the stop signal began; 0: they did not. */
  readonly preStopAtMs: number;
  /** The end was seen, the clean-up may be half done; becomes `status` after it. */
  readonly end: TaskStatus | undefined;
  /** No longer assigned here: forgotten once it is cleaned up. */
  readonly unassigned: boolean;
}

/** What the manager told of networks, so that a restart without managers has all of it. */
export type NetworkWishes = Pick<AssignmentSet, 'networks' | 'ingress' | 'peers' | 'tunnelAddress'>;

const noNetworkWishes: NetworkWishes = { networks: [], ingress: [], peers: [], tunnelAddress: '' };

interface StoredRecord {
  readonly task: string;
  readonly status: string;
  readonly end?: string;
  readonly imageId: string;
  readonly mountImageIds?: readonly string[];
  readonly stopSignal?: string;
  readonly stopSentAtMs: number;
  readonly drainingSinceMs?: number;
  readonly postStarted?: boolean;
  readonly preStopAtMs?: number;
  readonly unassigned: boolean;
}

const toBase64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');
const fromBase64 = (text: string): Uint8Array => Buffer.from(text, 'base64');

const serialise = (record: TaskRecord): string => {
  const stored: StoredRecord = {
    task: toBase64(encode('Task', record.task)),
    status: toBase64(encode('TaskStatus', record.status)),
    imageId: record.imageId,
    ...(record.mountImageIds === undefined ? {} : { mountImageIds: record.mountImageIds }),
    stopSignal: record.stopSignal,
    stopSentAtMs: record.stopSentAtMs,
    drainingSinceMs: record.drainingSinceMs,
    postStarted: record.postStarted,
    preStopAtMs: record.preStopAtMs,
    unassigned: record.unassigned,
    ...(record.end === undefined ? {} : { end: toBase64(encode('TaskStatus', record.end)) }),
  };
  return JSON.stringify(stored);
};

const deserialise = (stored: StoredRecord): TaskRecord => ({
  task: decode('Task', fromBase64(stored.task)),
  status: decode('TaskStatus', fromBase64(stored.status)),
  end: stored.end === undefined ? undefined : decode('TaskStatus', fromBase64(stored.end)),
  imageId: stored.imageId,
  ...(stored.mountImageIds === undefined ? {} : { mountImageIds: stored.mountImageIds }),
  stopSignal: stored.stopSignal ?? '',
  stopSentAtMs: stored.stopSentAtMs,
  drainingSinceMs: stored.drainingSinceMs ?? 0,
  postStarted: stored.postStarted ?? false,
  preStopAtMs: stored.preStopAtMs ?? 0,
  unassigned: stored.unassigned,
});

/** The agent's own durable memory: task records and the networks they are on, one file each in the data directory. */
export class LocalState {
  readonly #paths: AgentPaths;
  readonly #logger: Logger;

  constructor(options: { readonly paths: AgentPaths }, ports: { readonly logger: Logger }) {
    this.#paths = options.paths;
    this.#logger = ports.logger;
  }

  /** Makes the folder, and deletes what a crash in the middle of a write left. */
  async start(): Promise<void> {
    const folder = taskRecordsDir(this.#paths);
    await makePrivateDir(folder);
    const halves = (await readdir(folder)).filter((file) => file.endsWith('.tmp'));
    await Promise.all(halves.map((file) => removeFile(join(folder, file))));
  }

  /** All records. A damaged one is kept aside as `.damaged` and logged: the manager assigns its task anew. */
  async tasks(): Promise<readonly TaskRecord[]> {
    const folder = taskRecordsDir(this.#paths);
    const files = (await readdir(folder)).filter((file) => file.endsWith('.json'));
    const records: TaskRecord[] = [];
    for (const file of files) {
      const path = join(folder, file);
      try {
        const stored = await readJson<StoredRecord>(path);
        if (stored !== undefined) records.push(deserialise(stored));
      } catch (error) {
        this.#logger.error({ file: path, error: String(error) }, 'a task record is damaged and was put aside');
        await rename(path, `${path}.damaged`);
      }
    }
    return records;
  }

  /** One write of a task at a time: whoever drives the task sees to it. */
  async putTask(record: TaskRecord): Promise<void> {
    await writeDurably(this.#taskPath(record.task.id), serialise(record));
  }

  async removeTask(taskId: string): Promise<void> {
    await removeFile(this.#taskPath(taskId));
  }

  /** As last put. A damaged file is kept aside and logged: the manager tells the networks anew. */
  async networks(): Promise<NetworkWishes> {
    const path = this.#networksPath();
    const bytes = await readIfThere(path);
    if (bytes === undefined) return noNetworkWishes;
    try {
      const { networks, ingress, peers, tunnelAddress } = decode('AssignmentSet', bytes);
      return { networks, ingress, peers, tunnelAddress };
    } catch (error) {
      this.#logger.error({ file: path, error: String(error) }, 'the list of networks is damaged and was put aside');
      await rename(path, `${path}.damaged`);
      return noNetworkWishes;
    }
  }

  async putNetworks(wishes: NetworkWishes): Promise<void> {
    const set = { ...emptyAssignmentSet, ...wishes };
    await writeDurably(this.#networksPath(), encode('AssignmentSet', set));
  }

  #taskPath(taskId: string): string {
    return join(taskRecordsDir(this.#paths), `${taskId}.json`);
  }

  #networksPath(): string {
    return join(this.#paths.dataDir, 'networks.bin');
  }
}
