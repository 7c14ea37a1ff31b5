import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type AgentMessage,
  type AssignmentSet,
  emptyAttachment,
  emptyContainerSpec,
  emptyNetworkSpec,
  emptyServiceSpec,
  emptyTaskSpec,
  type ManagerMessage,
  NodeRole,
  newTaskStatus,
  type RelayFrame,
  type RelayRequest,
  type ServiceSpec,
  type StackSpec,
  type Task,
  TaskState,
  type TaskStatus,
} from '@tso/proto';
import { Control, Dispatcher, type Duplex, RpcChannel, type RpcClient } from '@tso/proto/rpc';
import { noTracing } from '@tso/proto/tracing';
import type { ManagerConfig } from './config.ts';
import { node } from './dispatcher/dispatcher-fixture.ts';
import { Manager, type ManagerPorts } from './manager.ts';
import { defaultDriverOptions } from './raft/io/driver-options.ts';
import { realClock, realRandom, silentLogger } from './testing/ports.ts';

/** A manager on a temporary directory, and an agent played by the test over a real connection. */

export const nodeId = 'node0000000000000000000000';

export const makeManager = (directory: string, change: Partial<ManagerConfig> = {}, ports: Partial<ManagerPorts> = {}): Manager =>
  new Manager(
    {
      stateDir: join(directory, 'state'),
      socket: join(directory, 'manager.sock'),
      nodeId,
      addressPool: '10.128.0.0/12',
      subnetPrefix: 24,
      identityDir: undefined,
      bootstrapCa: undefined,
      restore: undefined,
      firstVni: 4096,
      vxlanPort: 4789,
      // No test hangs on how fast the machine is: silence is no failure, unless a test is about that.
      heartbeatMs: 60_000,
      missedHeartbeats: 3,
      logLevel: 'silent',
      peerDoor: undefined,
      join: undefined,
      tls: undefined,
      forceNewCluster: false,
      raft: defaultDriverOptions,
      ...change,
    },
    {
      clock: realClock,
      random: realRandom,
      soon: (work) => setImmediate(work),
      logger: silentLogger,
      tracing: noTracing,
      agent: { locked: () => undefined, unlockKey: () => undefined },
      onBroken: (error) => {
        throw error;
      },
      ...ports,
    },
  );

export const startManager = async (directory: string, change: Partial<ManagerConfig> = {}): Promise<Manager> => {
  const manager = makeManager(directory, change);
  await manager.start();
  return manager;
};

export interface World {
  readonly directory: string;
  readonly control: RpcClient<typeof Control>;
  readonly dispatcher: RpcClient<typeof Dispatcher>;
  /** Stops the manager and starts another on the same state. */
  restart(): Promise<void>;
}

export const withManager = async (work: (world: World) => Promise<void>, change: Partial<ManagerConfig> = {}): Promise<void> => {
  const directory = await mkdtemp(join(tmpdir(), 'tso-manager-'));
  let manager = await startManager(directory, change);
  const channel = new RpcChannel(`unix:${join(directory, 'manager.sock')}`);
  try {
    await work({
      directory,
      control: channel.client(Control),
      dispatcher: channel.client(Dispatcher),
      restart: async () => {
        await manager.stop();
        manager = await startManager(directory, change);
      },
    });
  } finally {
    channel.close();
    await manager.stop();
    await rm(directory, { recursive: true, force: true });
  }
};

type Behaviour = (task: Task) => TaskStatus | undefined;

const runs: Behaviour = (task) => ({
  ...newTaskStatus,
  state: task.desiredState > TaskState.RUNNING ? TaskState.SHUTDOWN : TaskState.RUNNING,
  atMs: Date.now(),
  startedAtMs: Date.now(),
  containerId: `container-${task.id}`,
});

/** An agent without containers: it says of every task what `behave` makes of it (undefined: nothing). */
export class FakeAgent {
  readonly tasks = new Map<string, Task>();
  readonly sets: AssignmentSet[] = [];
  readonly relays: RelayRequest[] = [];
  readonly welcomed: Promise<void>;
  readonly ended: Promise<void>;
  epoch = '';
  version = 0;
  acknowledged = 0;
  behave: Behaviour = runs;
  onRelay: (request: RelayRequest, frames: Duplex<RelayFrame, RelayFrame>) => Promise<void> = async () => undefined;
  readonly #world: World;
  readonly #stream: Duplex<AgentMessage, ManagerMessage>;
  #sequence = 0;

  constructor(world: World, resume: { readonly epoch: string; readonly version: number } = { epoch: '', version: 0 }) {
    this.#world = world;
    this.#stream = world.dispatcher.session();
    this.version = resume.version;
    const { description, address } = node(nodeId);
    void this.#stream.send({
      hello: {
        nodeId,
        description,
        address,
        haveVersion: resume.version,
        sessionEpoch: resume.epoch,
        identity: { authorityEpoch: 0, role: NodeRole.WORKER },
      },
    });
    let welcome: () => void = () => undefined;
    this.welcomed = new Promise((resolve) => {
      welcome = resolve;
    });
    this.ended = this.#read(welcome);
    // Its failure is for who waits on it.
    this.ended.catch(() => undefined);
  }

  leave(): void {
    this.#stream.cancel();
  }

  async #read(welcome: () => void): Promise<void> {
    for await (const message of this.#stream) {
      if (message.welcome !== undefined) {
        this.epoch = message.welcome.epoch;
        welcome();
      }
      if (message.assignments !== undefined) await this.#assign(message.assignments);
      if (message.statusAck !== undefined) this.acknowledged = message.statusAck.sequence;
      if (message.relay !== undefined) this.#relay(message.relay);
    }
  }

  async #assign(set: AssignmentSet): Promise<void> {
    this.sets.push(set);
    this.version = set.version;
    if (set.baseVersion === 0) this.tasks.clear();
    for (const id of set.removedTasks) this.tasks.delete(id);
    for (const task of set.tasks) this.tasks.set(task.id, task);
    await this.#stream.send({ ack: { version: set.version, settled: true } });
    const updates = set.tasks.flatMap((task) => {
      const status = this.behave(task);
      return status === undefined ? [] : [{ taskId: task.id, status }];
    });
    if (updates.length > 0) await this.#stream.send({ statuses: { updates, sequence: ++this.#sequence } });
  }

  #relay(request: RelayRequest): void {
    this.relays.push(request);
    const frames = this.#world.dispatcher.relay();
    const serve = async (): Promise<void> => {
      await frames.send({ open: request.relayId });
      await this.onRelay(request, frames);
    };
    // A relay broken off by the manager is what some tests ask for.
    serve().catch(() => undefined);
  }
}

export const service = (name: string, replicas: number, image = 'web:1'): ServiceSpec => ({
  ...emptyServiceSpec,
  name,
  replicas,
  task: {
    ...emptyTaskSpec,
    container: { ...emptyContainerSpec, image },
    networks: [{ ...emptyAttachment, network: 'shop_default', aliases: [name] }],
  },
});

export const stack = (...services: readonly ServiceSpec[]): StackSpec => ({
  name: 'shop',
  services,
  networks: [
    {
      ...emptyNetworkSpec,
      name: 'shop_default',
    },
  ],
  volumes: [],
  files: [],
});
