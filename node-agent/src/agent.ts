import { chmod } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { createServer as createSocketServer } from 'node:net';
import { type Clock, type Lifecycle, type Logger, type NodeDescription, type Random, sentenceOf, TsoError, version } from '@tso/proto';
import { DirectoryLock } from '@tso/proto/directory-lock';
import type { Tracing } from '@tso/proto/tracing';
import type { AgentConfig } from './config.ts';
import { makePrivateDir, readIfThere } from './durable-file.ts';
import { Door } from './engine/door.ts';
import { imageRoutes } from './engine/images.ts';
import { nodeInfo } from './engine/node-info.ts';
import { Router } from './engine/router.ts';
import { swarmRoutes } from './engine/swarm.ts';
import { systemRoutes } from './engine/system.ts';
import type { KernelTexts } from './host-features.ts';
import { HostFeaturesWatch, readKernelTexts } from './host-features-watch.ts';
import { ImageStore } from './image/image-store.ts';
import { limits } from './limits.ts';
import { LogRotation } from './logs/rotation.ts';
import { makeClusterMember } from './make-cluster-member.ts';
import { makeWorker } from './make-worker.ts';
import type { ClusterMember } from './membership/cluster-member.ts';
import { IdentityFile } from './membership/identity.ts';
import { Observability, observabilityRoutes } from './metrics/observability.ts';
import { NodeNetworks } from './network/networks.ts';
import { tunnelTimesOf } from './network/tunnels/plan.ts';
import { agentSocket, managerSocket } from './paths.ts';
import { ContainerRuntime } from './runtime/containers.ts';
import { parseGroup } from './runtime/users.ts';
import { patiently } from './task/patience.ts';
import type { Worker } from './worker.ts';

export interface AgentOptions extends AgentConfig {
  /** Entry file of the manager program. */
  readonly managerEntry: string;
  readonly description: NodeDescription;
}

export interface AgentPorts {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly tracing: Tracing;
}

/** What answers a request; all there once the door is open. */
interface Parts {
  readonly networks: Pick<NodeNetworks, 'troubles'>;
  readonly worker: Worker;
  readonly cluster: ClusterMember;
  readonly observability: Observability;
}

/** The group `tso` of this host, whose members may do what root may; undefined: it has none. */
const operatorsGroup = async (): Promise<number | undefined> =>
  parseGroup((await readIfThere('/etc/group'))?.toString() ?? '').find(({ name }) => name === 'tso')?.gid;

/** The node agent: makes its parts, starts them in order, stops them in reverse. */
export class Agent implements Lifecycle {
  readonly #options: AgentOptions;
  readonly #ports: AgentPorts;
  readonly #identity: IdentityFile;
  readonly #images: ImageStore;
  readonly #containers: ContainerRuntime;
  #started: Lifecycle[] = [];
  #stopping: Promise<void> | undefined;
  #parts: Parts | undefined;

  constructor(options: AgentOptions, ports: AgentPorts) {
    this.#options = options;
    this.#ports = ports;
    const { paths, cgroupParent, runtime, insecureRegistries } = options;
    this.#identity = new IdentityFile({ paths }, ports);
    this.#images = new ImageStore({ paths, insecureRegistries }, ports);
    this.#containers = new ContainerRuntime({ paths, cgroupParent, runtime }, ports);
  }

  async start(): Promise<void> {
    const { paths } = this.#options;
    await this.#takeDirectories();
    const identity = await this.#identity.start();
    const door = this.#makeDoor(await operatorsGroup());
    await this.#begin(door);
    await this.#images.start();
    await this.#begin(this.#containers);
    const who = this.#identity;
    let tellDescription = (): void => undefined;
    const networks = new NodeNetworks(
      {
        paths,
        tunnelTimes: tunnelTimesOf(this.#options.tunnelRotationMs),
        onTroubles: () => tellDescription(),
        onTunnelKey: () => tellDescription(),
        get nodeId() {
          return who.current.nodeId;
        },
      },
      this.#ports,
    );
    await this.#begin(networks);
    const read = (): Promise<KernelTexts> => readKernelTexts(this.#options.description.kernel);
    const features = new HostFeaturesWatch({ ...this.#ports, read, onChange: () => tellDescription() });
    await this.#begin(features);
    const { worker, cluster } = await this.#makeParts(networks, features);
    tellDescription = () => cluster.tellDescription();
    // Before the worker adopts the tasks that are on them.
    if (identity.membership !== undefined) await cluster.configureNetworks(identity.membership);
    await this.#begin(worker);
    await this.#begin(new LogRotation({ ...this.#ports, containers: this.#containers, runningTasks: () => worker.runningTasks() }));
    await this.#begin(cluster);
    const observability = this.#makeObservability(worker, cluster, networks);
    await this.#begin(observability);
    this.#parts = { networks, worker, cluster, observability };
    door.open();
    this.#ports.logger.info({ nodeId: identity.nodeId, version, dataDir: paths.dataDir }, 'the agent is ready');
  }

  /** Bounded by `partStopMs` for each part: what hangs is left behind, which the next agent copes with as after a crash. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stopAll();
    return this.#stopping;
  }

  async #stopAll(): Promise<void> {
    const { clock, logger } = this.#ports;
    for (const part of this.#started.toReversed()) {
      try {
        await patiently(part.stop(), { what: `the stop of ${part.constructor.name}`, limitMs: limits.partStopMs }, clock);
      } catch (error) {
        logger.error({ error: sentenceOf(error) }, 'a part did not stop cleanly');
      }
    }
    this.#started = [];
  }

  async #begin(part: Lifecycle): Promise<void> {
    if (this.#stopping !== undefined) throw new TsoError('CANCELLED', 'the agent is told to stop while it starts');
    this.#started.push(part);
    await part.start();
  }

  /** Makes both directories, and sees to it that no other daemon works in either. */
  async #takeDirectories(): Promise<void> {
    const { dataDir, runDir } = this.#options.paths;
    for (const [directory, flag] of [
      [dataDir, '--data-dir'],
      [runDir, '--run-dir'],
    ] as const) {
      await makePrivateDir(directory);
      const lock = new DirectoryLock({ directory, flag, holder: 'tso daemon' }, this.#ports);
      await this.#begin({ start: () => lock.acquire(limits.lockPatienceMs), stop: () => lock.release() });
    }
    // The root of a remapped container is nobody here, and must be able to walk to its root filesystem; it can list nothing.
    await chmod(dataDir, this.#options.usernsRemap === undefined ? 0o700 : 0o711);
  }

  async #makeParts(networks: NodeNetworks, host: HostFeaturesWatch): Promise<Omit<Parts, 'observability' | 'networks'>> {
    const ports = { ...this.#ports, containers: this.#containers, images: this.#images, networks };
    const worker = await makeWorker(this.#options, {
      ...ports,
      onStatus: (taskId, status) => cluster.report(taskId, status),
      fetchImage: (request, signal) => cluster.fetchImage(request, signal),
    });
    const cluster = makeClusterMember(this.#options, {
      ...ports,
      worker,
      identity: this.#identity,
      features: () => host.current,
    });
    return { worker, cluster };
  }

  #makeObservability(worker: Worker, cluster: ClusterMember, networks: NodeNetworks): Observability {
    return new Observability(this.#options, {
      ...this.#ports,
      ...cluster.watched,
      runningTasks: () => worker.runningTasks(),
      statuses: () => worker.statuses(),
      stats: (taskId) => this.#containers.stats(taskId),
      nameAnswers: () => networks.nameAnswers(),
    });
  }

  #makeDoor(group: number | undefined): Door {
    const { paths } = this.#options;
    return new Door(
      { path: agentSocket(paths), managerSocket: managerSocket(paths), group },
      {
        ...this.#ports,
        http: this.#httpServer(),
        server: createSocketServer(),
        isManagerExpected: () => this.#parts?.cluster.isManagerExpected ?? false,
      },
    );
  }

  #httpServer(): Server {
    const router = new Router([
      ...systemRoutes({ describe: () => this.#describe() }),
      ...swarmRoutes({
        init: (wish) => this.#running.cluster.init(wish),
        join: (wish) => this.#running.cluster.join(wish),
        leave: (wish) => this.#running.cluster.leave(wish),
        unlock: (key) => this.#running.cluster.unlock(key),
        restore: (body, wish) => this.#running.cluster.restore(body, wish),
      }),
      ...observabilityRoutes(() => this.#running.observability),
      ...imageRoutes({ images: this.#images, clock: this.#ports.clock, imagesInUse: () => this.#running.worker.imagesInUse() }),
    ]);
    // An image upload may take as long as it takes; a client that is gone is seen by its socket.
    return createServer({ requestTimeout: 0 }, (request, response) => router.handle(request, response));
  }

  get #running(): Parts {
    if (this.#parts === undefined) throw new TsoError('UNAVAILABLE', 'the agent is still starting', { hint: 'Try again in a moment' });
    return this.#parts;
  }

  async #describe(): Promise<object> {
    const { worker, cluster, networks } = this.#running;
    return nodeInfo({
      ...(await this.#containers.describe()),
      config: this.#options,
      description: this.#options.description,
      identity: this.#identity.current,
      images: this.#images.list().length,
      runningTasks: worker.runningTasks().length,
      agentPid: process.pid,
      managerPid: cluster.managerPid,
      managerConnected: cluster.isConnected,
      member: cluster.describe(),
      troubles: networks.troubles,
    });
  }
}
