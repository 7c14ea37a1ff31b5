import { existsSync, readdirSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type AssignmentSet,
  emptyAllocation,
  emptyAssignmentSet,
  emptyContainerSpec,
  emptyMeta,
  emptyTaskSpec,
  newTaskStatus,
  PortProtocol,
  PublishMode,
  ServiceMode,
  type Task,
  TaskState,
  type TaskStatus,
} from '@tso/proto';
import { HealthMonitor } from '../health/monitor.ts';
import { LocalState, type NetworkWishes, type TaskRecord } from '../local-state.ts';
import { type AgentPaths, memoryDir, taskLogsDir, taskRecordsDir } from '../paths.ts';
import { FileStore } from '../secrets/file-store.ts';
import { MemoryFolder, type MemoryMounts } from '../secrets/memory-folder.ts';
import { TaskHooks } from '../task/hooks.ts';
import { PreStartHooks } from '../task/pre-start.ts';
import { StepSlots } from '../task/step-slots.ts';
import { ContainerStep } from '../task/steps/container.ts';
import { FilesStep } from '../task/steps/files.ts';
import { HooksStep } from '../task/steps/hooks.ts';
import { ImageStep } from '../task/steps/image.ts';
import { NetworkStep } from '../task/steps/network.ts';
import { PortsStep } from '../task/steps/ports.ts';
import { RootfsStep } from '../task/steps/rootfs.ts';
import { VolumesStep } from '../task/steps/volumes.ts';
import { Volumes } from '../volumes/volumes.ts';
import { Worker } from '../worker.ts';
import { CollectedLog } from './collected-log.ts';
import { FakeHost, imageNamed } from './fake-host.ts';
import { ManualClock } from './manual-clock.ts';
import { Script } from './script.ts';

export const taskNamed = (name: string, change: Partial<Task> = {}): Task => ({
  id: name.padEnd(25, '0'),
  meta: emptyMeta,
  serviceId: `service-${name}`,
  serviceName: name,
  stack: 'shop',
  slot: 1,
  nodeId: 'node',
  spec: { ...emptyTaskSpec, container: { ...emptyContainerSpec, image: 'app:1' } },
  specVersion: 1,
  desiredState: TaskState.RUNNING,
  status: { ...newTaskStatus, state: TaskState.ASSIGNED },
  networks: [],
  ports: [],
  pendingReason: '',
  notBeforeMs: 0,
  mode: ServiceMode.REPLICATED,
  drainMs: 0,
  generic: [],
  networkOf: '',
  pidOf: '',
  serviceLabels: {},
  ipcOf: '',
  files: [],
  jobIteration: 0,
  ...change,
});

/** The task with a published port, and the address it is forwarded to. */
export const publishing = (task: Task, published: number): Task => ({
  ...task,
  networks: [{ ...emptyAllocation, networkId: 'net', address: '10.128.0.2', mac: '02:42:0a:80:00:02', aliases: [] }],
  ports: [
    {
      target: 80,
      published,
      protocol: PortProtocol.TCP,
      mode: PublishMode.HOST,
      hostIp: '',
      onlyLocal: false,
      rangeFrom: 0,
      rangeTo: 0,
    },
  ],
});

/** Records whose writes are points where the agent may end. */
class ScriptedState extends LocalState {
  readonly #script: Script;

  constructor(options: { readonly paths: AgentPaths }, ports: { readonly logger: CollectedLog; readonly script: Script }) {
    super(options, ports);
    this.#script = ports.script;
  }

  override putTask(record: TaskRecord): Promise<void> {
    return this.#script.perform('record.put', record.task.id, () => super.putTask(record));
  }

  override putNetworks(wishes: NetworkWishes): Promise<void> {
    return this.#script.perform('networks.put', '', () => super.putNetworks(wishes));
  }

  override removeTask(taskId: string): Promise<void> {
    return this.#script.perform('record.remove', taskId, () => super.removeTask(taskId));
  }
}

/** A plain folder in the place of one in memory, which takes root to make. */
export const plainMemory: MemoryMounts = {
  isMounted: async (path) => existsSync(path),
  mount: async () => undefined,
  unmount: (path) =>
    rm(path, { recursive: true })
      .then(() => mkdir(path))
      .then(() => undefined),
};

/** A worker with everything below it, on a fake host and real folders; may be killed and started again. */
export class AgentWorld {
  readonly paths: AgentPaths;
  readonly clock = new ManualClock();
  readonly log = new CollectedLog();
  readonly host = new FakeHost();
  /** Of each task, over all lives of the agent. */
  readonly statuses = new Map<string, TaskStatus[]>();
  /** A status that was earlier in a task's life than the one before it: never. */
  readonly backwards: string[] = [];
  readonly #folder: string;
  #script = new Script();
  #worker: Worker | undefined;
  #version = 0;

  private constructor(folder: string) {
    this.#folder = folder;
    this.paths = { dataDir: join(folder, 'data'), runDir: join(folder, 'run') };
    this.host.logFolder = taskLogsDir(this.paths);
    this.host.images.set('app:1', imageNamed('app:1'));
  }

  /** Runs the body in a world of its own and removes that. */
  static async run(body: (world: AgentWorld) => Promise<void>): Promise<void> {
    const world = new AgentWorld(await mkdtemp(join(tmpdir(), 'tso-agent-')));
    try {
      await body(world);
      // A crash that was planned late may come while it stops: then nothing of that life returns any more.
      if (!world.script.isDead) await Promise.race([world.#worker?.stop(), world.script.crashed]);
    } finally {
      await rm(world.#folder, { recursive: true });
    }
  }

  get script(): Script {
    return this.#script;
  }

  get worker(): Worker {
    if (this.#worker === undefined) throw new Error('no agent was started');
    return this.#worker;
  }

  /** A new life of the agent, on what is there. */
  async start(script = new Script()): Promise<void> {
    this.#script = script;
    const { clock, log: logger, paths, host } = this;
    const localState = new ScriptedState({ paths }, { logger, script });
    const volumes = new Volumes({ paths, remapping: false });
    const files = new FileStore({ logger, memory: new MemoryFolder({ path: memoryDir(paths) }, { mounts: plainMemory }) });
    await Promise.all([localState.start(), volumes.start()]);
    const containers = host.containersFor(script);
    const images = host.imagesFor(script);
    const networks = host.networksFor(script);
    const root = (id: string): string => join(this.#folder, 'rootfs', id);
    const rootfses = host.rootfsesFor(
      script,
      async (id) => {
        await mkdir(root(id), { recursive: true });
        return root(id);
      },
      (id) => rm(root(id), { recursive: true, force: true }),
    );
    const containerOptions = { paths, cgroupParent: '/tso', remap: undefined, seccompProfile: undefined, hostHostname: 'host' };
    const node = { hostname: 'host', platform: { os: 'linux', architecture: 'amd64' } };
    const steps = (release: () => Promise<void>) => ({
      image: new ImageStep(images, { ensure: () => Promise.reject(new Error('nothing is built here')) }, clock),
      rootfs: new RootfsStep({ remap: undefined }, { images, rootfses }),
      volumes: new VolumesStep({ remap: undefined, node }, { volumes }),
      files: new FilesStep({ remap: undefined, node }, { store: files }),
      network: new NetworkStep({ paths, hostHostname: 'host' }, { networks }),
      ports: new PortsStep(networks, release),
      hooks: new HooksStep(containerOptions, { containers, images, rootfses }),
      container: new ContainerStep(containerOptions, { containers }),
    });
    const health = new HealthMonitor({ containers, clock });
    const hooks = new TaskHooks({ clock, logger, containers });
    this.#worker = new Worker(
      { hostname: 'host', paths },
      {
        clock,
        logger,
        localState,
        containers,
        rootfses,
        networks,
        volumes,
        files,
        driverPorts: {
          health,
          hooks,
          preStart: new PreStartHooks({ containers }),
          slots: new StepSlots(4),
          pullSlots: new StepSlots(4),
          steps,
        },
        onStatus: (taskId, status) => {
          if (!script.isDead) this.#hear(taskId, status);
        },
      },
    );
    await Promise.race([this.#worker.start(), script.crashed]);
    if (script.isDead) return;
    // A new session begins by saying where everything stands.
    for (const [taskId, status] of this.#worker.statuses()) this.#hear(taskId, status);
  }

  /** A new life for which something was planned before it begins. */
  async startWith(plan: (script: Script) => void): Promise<void> {
    const script = new Script();
    plan(script);
    await this.start(script);
  }

  /** As SIGKILL would: nothing of the old life happens any more. */
  crash(): void {
    this.#script.crash();
  }

  /** What the manager says; resolves once it is durable, or the agent has ended. */
  async apply(change: Partial<AssignmentSet>): Promise<void> {
    this.#version += 1;
    const set: AssignmentSet = {
      ...emptyAssignmentSet,
      version: this.#version,
      baseVersion: this.#version - 1 || 1,
      ...change,
    };
    await Promise.race([this.worker.apply(set), this.#script.crashed]);
  }

  assign(...tasks: readonly Task[]): Promise<void> {
    return this.apply({ tasks });
  }

  /** Everything that is assigned, as a manager says it to an agent that knows nothing. */
  assignWhole(...tasks: readonly Task[]): Promise<void> {
    return this.apply({ tasks, baseVersion: 0 });
  }

  /** The states a task was said to be in, each once. */
  states(task: Task): readonly TaskState[] {
    const states = (this.statuses.get(task.id) ?? []).map(({ state }) => state);
    return states.filter((state, index) => state !== states[index - 1]);
  }

  last(task: Task): TaskStatus | undefined {
    return this.statuses.get(task.id)?.at(-1);
  }

  isIn(task: Task, state: TaskState): boolean {
    return this.last(task)?.state === state;
  }

  /** Ids that have a record on disk. */
  records(): readonly string[] {
    return readdirSync(taskRecordsDir(this.paths))
      .filter((file) => file.endsWith('.json'))
      .map((file) => file.replace('.json', ''));
  }

  #hear(taskId: string, status: TaskStatus): void {
    const heard = this.statuses.get(taskId) ?? [];
    const before = heard.at(-1);
    if (before !== undefined && status.state < before.state) this.backwards.push(`${taskId}: ${before.state} -> ${status.state}`);
    this.statuses.set(taskId, [...heard, status]);
  }
}
