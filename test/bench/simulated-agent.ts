import type { AgentMessage, ManagerMessage } from '@tso/proto';
import {
  type AssignmentSet,
  emptyNodeDescription,
  isWishedRunning,
  NodeRole,
  newTaskStatus,
  type Task,
  TaskState,
  type TaskStatusUpdate,
  TsoError,
} from '@tso/proto';
import { Dispatcher, type Duplex, RpcChannel, type TlsMaterial } from '@tso/proto/rpc';

/** What all agents of a process have seen. */
export class Seen {
  heartbeatsMs: number[] = [];
  pushesMs: number[] = [];
  sessions = 0;
  refused = 0;
  broken = 0;
  readonly connected = new Set<string>();
  tasks = 0;
}

type Stream = Duplex<AgentMessage, ManagerMessage>;

const firstPauseMs = 50;
const longestPauseMs = 2_000;
/** As the real one: a manager that leaves so many unanswered is left for another. */
const silentBeats = 2.25;

/**
 * An agent as far as a manager can tell, without containers: says that each task runs as soon as it hears of it, beats, and comes back
 * after its session broke, as the real one does (jittered back-off, or when it is told to).
 */
export class SimulatedAgent {
  readonly #nodeId: string;
  readonly #addresses: readonly string[];
  #address: string;
  readonly #tls: TlsMaterial;
  readonly #seen: Seen;
  readonly #tasks = new Map<string, Task>();
  readonly #sent = new Map<number, number>();
  #epoch = '';
  #version = 0;
  #beats = 0;
  #heardAt = 0;
  #reports = 0;
  #beat: NodeJS.Timeout | undefined;
  #stopped = false;
  #channel: RpcChannel | undefined;

  /** @param addresses of managers, any of which may lead; at least one */
  constructor(nodeId: string, addresses: readonly string[], tls: TlsMaterial, seen: Seen) {
    this.#nodeId = nodeId;
    this.#addresses = addresses;
    this.#address = addresses[0] ?? '';
    this.#tls = tls;
    this.#seen = seen;
  }

  async run(): Promise<void> {
    let pauseMs = firstPauseMs;
    while (!this.#stopped) {
      const beganAt = performance.now();
      const retryAfterMs = await this.#connect();
      pauseMs = performance.now() - beganAt > longestPauseMs ? firstPauseMs : Math.min(pauseMs * 2, longestPauseMs);
      await elapsed(retryAfterMs ?? pauseMs * (0.5 + Math.random() / 2));
    }
  }

  stop(): void {
    this.#stopped = true;
    clearInterval(this.#beat);
    this.#channel?.destroy();
  }

  /** One session; when it is to be tried again, if the manager said so. */
  async #connect(): Promise<number | undefined> {
    const channel = new RpcChannel(this.#address, { tls: this.#tls, keepalive: { everyMs: 10_000, answerWithinMs: 10_000 } });
    this.#channel = channel;
    const stream = channel.client(Dispatcher).session();
    try {
      await stream.send({ hello: this.#hello() });
      for await (const message of stream) await this.#receive(stream, message);
      this.#seen.broken += 1;
      return undefined;
    } catch (error) {
      return this.#nextAttempt(error);
    } finally {
      clearInterval(this.#beat);
      this.#seen.connected.delete(this.#nodeId);
      stream.cancel();
      channel.destroy();
    }
  }

  /** Where it goes next, and when that was said. */
  #nextAttempt(error: unknown): number | undefined {
    const details = error instanceof TsoError ? error.details : {};
    if (typeof details.retryAfterMs === 'number') {
      this.#seen.refused += 1;
      return details.retryAfterMs;
    }
    this.#seen.broken += 1;
    const others = this.#addresses.filter((address) => address !== this.#address);
    if (typeof details.leader === 'string') {
      this.#address = details.leader;
      return 0;
    }
    this.#address = others[Math.floor(Math.random() * others.length)] ?? this.#address;
    return undefined;
  }

  #hello(): NonNullable<AgentMessage['hello']> {
    return {
      nodeId: this.#nodeId,
      description: {
        ...emptyNodeDescription,
        hostname: `host-${this.#nodeId}`,
        platform: { os: 'linux', architecture: 'amd64', variant: '' },
        resources: { nanoCpus: 8e9, memoryBytes: 32 * 2 ** 30, pids: 0 },
        engineVersion: '0.1.0',
        engineLabels: {},
        kernel: '6.12',
      },
      haveVersion: this.#version,
      sessionEpoch: this.#epoch,
      address: '192.0.2.1',
      identity: { authorityEpoch: 0, role: NodeRole.WORKER },
    };
  }

  async #receive(stream: Stream, message: ManagerMessage): Promise<void> {
    this.#heardAt = performance.now();
    if (message.welcome !== undefined) this.#begin(stream, message.welcome.epoch, message.welcome.heartbeatMs);
    if (message.heartbeatAck !== undefined) this.#answered(message.heartbeatAck.sequence);
    if (message.assignments !== undefined) await this.#assign(stream, message.assignments);
  }

  #begin(stream: Stream, epoch: string, heartbeatMs: number): void {
    if (epoch !== this.#epoch) this.#version = 0;
    this.#epoch = epoch;
    this.#sent.clear();
    this.#seen.sessions += 1;
    this.#seen.connected.add(this.#nodeId);
    const beat = (): void => {
      if (performance.now() - this.#heardAt > silentBeats * heartbeatMs) {
        stream.cancel();
        return;
      }
      this.#beats += 1;
      this.#sent.set(this.#beats, performance.now());
      stream.send({ heartbeat: { sequence: this.#beats, usage: [] } }).catch(() => undefined);
    };
    clearInterval(this.#beat);
    // Agents that were welcomed in one moment do not beat in one.
    this.#beat = setTimeout(() => {
      beat();
      this.#beat = setInterval(beat, heartbeatMs);
    }, Math.random() * heartbeatMs);
  }

  #answered(sequence: number): void {
    const sentAt = this.#sent.get(sequence);
    if (sentAt === undefined) return;
    this.#sent.delete(sequence);
    this.#seen.heartbeatsMs.push(performance.now() - sentAt);
  }

  async #assign(stream: Stream, set: AssignmentSet): Promise<void> {
    const now = Date.now();
    this.#version = set.version;
    if (set.baseVersion === 0) this.#forgetAll();
    for (const id of set.removedTasks) if (this.#tasks.delete(id)) this.#seen.tasks -= 1;
    const updates = set.tasks.flatMap((task) => this.#take(task, now));
    await stream.send({ ack: { version: set.version, settled: true } });
    if (updates.length > 0) await stream.send({ statuses: { updates, sequence: ++this.#reports } });
  }

  #forgetAll(): void {
    this.#seen.tasks -= this.#tasks.size;
    this.#tasks.clear();
  }

  #take(task: Task, now: number): TaskStatusUpdate[] {
    const isNew = !this.#tasks.has(task.id);
    if (isNew) this.#seen.tasks += 1;
    this.#tasks.set(task.id, task);
    if (isNew && task.status.state === TaskState.ASSIGNED) this.#seen.pushesMs.push(now - task.status.atMs);
    const state = isWishedRunning(task.desiredState) ? task.desiredState : TaskState.SHUTDOWN;
    if (task.status.state >= state) return [];
    const status = { ...newTaskStatus, state, atMs: now, startedAtMs: now, pid: 4_711, containerId: `c-${task.id}` };
    return [{ taskId: task.id, status }];
  }
}

const elapsed = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
