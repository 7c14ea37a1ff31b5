import { chmod, readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { createServer as createSocketServer } from 'node:net';
import {
  type Clock,
  type Lifecycle,
  type Logger,
  type ManagerWelcome,
  type NodeDescription,
  type Random,
  sentenceOf,
  TsoError,
  version,
} from '@tso/proto';
import { RpcChannel } from '@tso/proto/rpc';
import type { AgentConfig } from './config.ts';
import { isMissing, makePrivateDir } from './durable-file.ts';
import { Door } from './engine/door.ts';
import { imageRoutes } from './engine/images.ts';
import { Router } from './engine/router.ts';
import { systemRoutes } from './engine/system.ts';
import { HealthMonitor } from './health/monitor.ts';
import { runCommand } from './host-command.ts';
import { IdentityFile, type Membership } from './identity.ts';
import { ImageStore } from './image/image-store.ts';
import { Snapshotter } from './image/snapshotter.ts';
import { limits } from './limits.ts';
import { LocalState } from './local-state.ts';
import { LogRotation } from './logs/rotation.ts';
import { ManagerChild } from './manager-child.ts';
import { NodeNetworks } from './network/networks.ts';
import { choosePool } from './network/pool.ts';
import { agentSocket, managerSocket, runDirTag } from './paths.ts';
import { Relays } from './relay/relays.ts';
import { ContainerRuntime } from './runtime/containers.ts';
import { Session } from './session.ts';
import { StepSlots } from './task/step-slots.ts';
import { ContainerStep } from './task/steps/container.ts';
import { ImageStep } from './task/steps/image.ts';
import { NetworkStep } from './task/steps/network.ts';
import { PortsStep } from './task/steps/ports.ts';
import { RootfsStep } from './task/steps/rootfs.ts';
import { VolumesStep } from './task/steps/volumes.ts';
import { Volumes } from './volumes/volumes.ts';
import { Worker } from './worker.ts';

export interface AgentOptions extends AgentConfig {
  /** Entry file of the manager program. */
  readonly managerEntry: string;
  readonly description: NodeDescription;
}

export interface AgentPorts {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
}

/** The default seccomp profile that Debian's golang-github-containers-common installs. */
const seccompProfilePath = '/usr/share/containers/seccomp.json';
const defaultVxlanPort = 4789;
const defaultFirstVni = 4096;
const lastVni = 0xff_ffff;

const readSeccompProfile = async (logger: Logger): Promise<string | undefined> => {
  try {
    return await readFile(seccompProfilePath, 'utf8');
  } catch (error) {
    if (!isMissing(error)) throw error;
    logger.warn({ path: seccompProfilePath }, 'no default seccomp profile: containers that do not say seccomp=unconfined will be refused');
    return undefined;
  }
};

/** The node agent: makes its parts, starts them in order, stops them in reverse. */
export class Agent implements Lifecycle {
  readonly #options: AgentOptions;
  readonly #ports: AgentPorts;
  readonly #identity: IdentityFile;
  readonly #images: ImageStore;
  readonly #containers: ContainerRuntime;
  readonly #manager: { child: ManagerChild | undefined } = { child: undefined };
  #started: Lifecycle[] = [];
  #session: Session | undefined;
  #worker: Worker | undefined;
  #networks: NodeNetworks | undefined;
  #initialising: Promise<string> | undefined;

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
    await makePrivateDir(paths.dataDir);
    await makePrivateDir(paths.runDir);
    const identity = await this.#identity.start();
    // The root of a remapped container is nobody here, and must be able to walk to its root filesystem; it can list nothing.
    await chmod(paths.dataDir, this.#options.usernsRemap === undefined ? 0o700 : 0o711);
    const { logger, clock } = this.#ports;
    const http = this.#httpServer();
    const door = new Door(
      { path: agentSocket(paths), managerSocket: managerSocket(paths) },
      { http, logger, clock, server: createSocketServer(), isManagerExpected: () => this.#identity.current.membership !== undefined },
    );
    // The door first: it is also the lock that keeps a second daemon out of these directories.
    await this.#begin(door);
    await this.#images.start();
    await this.#begin(this.#containers);
    const networks = new NodeNetworks({ paths, nodeId: identity.nodeId }, this.#ports);
    this.#networks = networks;
    await this.#begin(networks);
    const worker = await this.#makeWorker(networks);
    this.#worker = worker;
    if (identity.membership !== undefined) await this.#configureNetworks(networks, identity.membership, '');
    await this.#begin(worker);
    await this.#begin(new LogRotation({ containers: this.#containers, clock, logger, runningTasks: () => worker.runningTasks() }));
    this.#manager.child = new ManagerChild(
      { paths, nodeId: identity.nodeId, entry: this.#options.managerEntry, logLevel: this.#options.logLevel },
      this.#ports,
    );
    await this.#begin(this.#manager.child);
    if (identity.membership !== undefined) await this.#run(identity.membership);
    door.open();
    logger.info({ nodeId: identity.nodeId, version, dataDir: paths.dataDir }, 'the agent is ready');
  }

  async stop(): Promise<void> {
    for (const part of this.#started.reverse()) {
      try {
        await part.stop();
      } catch (error) {
        this.#ports.logger.error({ error: sentenceOf(error) }, 'a part did not stop cleanly');
      }
    }
    this.#started = [];
  }

  async #begin(part: Lifecycle): Promise<void> {
    await part.start();
    this.#started.push(part);
  }

  async #makeWorker(networks: NodeNetworks): Promise<Worker> {
    const { paths, cgroupParent, usernsRemap: remap, description } = this.#options;
    const { clock, logger } = this.#ports;
    const hostHostname = description.hostname;
    const localState = new LocalState({ paths }, { logger });
    await localState.start();
    const volumes = new Volumes({ paths, remapping: remap !== undefined });
    await volumes.start();
    const rootfses = new Snapshotter({ paths });
    const containers = this.#containers;
    const seccompProfile = await readSeccompProfile(logger);
    const steps = (release: () => Promise<void>) => ({
      image: new ImageStep(this.#images),
      rootfs: new RootfsStep({ remap }, { images: this.#images, rootfses }),
      volumes: new VolumesStep({ remap }, { volumes }),
      network: new NetworkStep({ paths, hostHostname }, { networks }),
      ports: new PortsStep(networks, release),
      container: new ContainerStep({ paths, cgroupParent, remap, seccompProfile, hostHostname }, { containers }),
    });
    const driverPorts = {
      health: new HealthMonitor({ containers, clock }),
      slots: new StepSlots(limits.parallelSteps),
      pullSlots: new StepSlots(limits.parallelPulls),
      steps,
    };
    return new Worker(
      { hostname: hostHostname, paths },
      {
        clock,
        logger,
        localState,
        containers,
        rootfses,
        networks,
        volumes,
        driverPorts,
        onStatus: (taskId, status) => this.#session?.report(taskId, status),
      },
    );
  }

  /** Being part of a cluster: the manager runs here, and the session to it. */
  async #run(membership: Membership): Promise<void> {
    const worker = this.#worker;
    if (worker === undefined || this.#session !== undefined) return;
    await this.#manager.child?.join(membership);
    const { paths, description, advertiseAddr } = this.#options;
    const relays = new Relays({ ...this.#ports, containers: this.#containers, worker });
    this.#session = new Session(
      { nodeId: this.#identity.current.nodeId, address: advertiseAddr, description },
      {
        ...this.#ports,
        connect: () => new RpcChannel(`unix:${managerSocket(paths)}`),
        relays,
        onWelcome: (welcome) => this.#welcomed(welcome),
        onAssignments: (set) => worker.apply(set),
      },
    );
    await this.#begin({ start: async () => undefined, stop: () => relays.stop() });
    await this.#begin(this.#session);
    for (const [taskId, status] of worker.statuses()) this.#session.report(taskId, status);
  }

  async #welcomed(welcome: ManagerWelcome): Promise<void> {
    const networks = this.#networks;
    const membership = this.#identity.current.membership;
    if (networks === undefined || membership === undefined) return;
    await this.#configureNetworks(
      networks,
      { ...membership, addressPool: welcome.addressPool, vxlanPort: welcome.vxlanPort },
      welcome.clusterId,
    );
  }

  async #configureNetworks(networks: NodeNetworks, { addressPool, vxlanPort }: Membership, clusterId: string): Promise<void> {
    await networks.configure({ clusterId, addressPool, vxlanPort, nodeAddress: this.#options.advertiseAddr });
  }

  #init(wish: { readonly addressPool: string | undefined }): Promise<string> {
    this.#initialising ??= this.#initOnce(wish).finally(() => {
      this.#initialising = undefined;
    });
    return this.#initialising;
  }

  async #initOnce(wish: { readonly addressPool: string | undefined }): Promise<string> {
    const { nodeId, membership } = this.#identity.current;
    if (membership !== undefined) {
      throw new TsoError('CONFLICT', 'this node is already part of a cluster', {
        hint: 'Use it as it is, or remove its data directory to begin anew',
      });
    }
    const isDefault = runDirTag(this.#options.paths) === '';
    const { number } = this.#ports.random;
    const chosen: Membership = {
      addressPool: wish.addressPool ?? choosePool((await runCommand('ip', ['-json', 'route', 'show', 'table', 'all'])).stdout, nodeId),
      // Two clusters on one machine share its kernel's VXLAN numbers, so only the default one starts at the bottom.
      firstVni: isDefault ? defaultFirstVni : defaultFirstVni + Math.floor(number() * (lastVni / 2)),
      vxlanPort: defaultVxlanPort,
    };
    await this.#identity.join(chosen);
    if (this.#networks !== undefined) await this.#configureNetworks(this.#networks, chosen, '');
    await this.#run(chosen);
    return nodeId;
  }

  #httpServer(): Server {
    const router = new Router([
      ...systemRoutes({ describe: () => this.#describe(), init: (wish) => this.#init(wish) }),
      ...imageRoutes({ images: this.#images, clock: this.#ports.clock, imagesInUse: () => this.#worker?.imagesInUse() ?? new Set() }),
    ]);
    // An image upload may take as long as it takes; a client that is gone is seen by its socket.
    return createServer({ requestTimeout: 0 }, (request, response) => router.handle(request, response));
  }

  async #describe(): Promise<object> {
    const { paths, cgroupParent, usernsRemap, description } = this.#options;
    const { nodeId, membership } = this.#identity.current;
    const { runtime, cgroupVersion } = await this.#containers.describe();
    return {
      ID: nodeId,
      Name: description.hostname,
      ServerVersion: version,
      Driver: 'overlay',
      Images: this.#images.list().length,
      ContainersRunning: this.#worker?.runningTasks().length ?? 0,
      CgroupVersion: String(cgroupVersion),
      DefaultRuntime: runtime,
      KernelVersion: description.kernel,
      NCPU: description.resources.nanoCpus / 1e9,
      MemTotal: description.resources.memoryBytes,
      DataDir: paths.dataDir,
      RunDir: paths.runDir,
      Swarm: { NodeID: nodeId, LocalNodeState: membership === undefined ? 'inactive' : 'active' },
      Tso: {
        cgroupParent,
        usernsRemap: usernsRemap === undefined ? '' : `${usernsRemap.base}:${usernsRemap.size}`,
        agentPid: process.pid,
        managerPid: this.#manager.child?.pid,
        managerConnected: this.#session?.isConnected ?? false,
        addressPool: membership?.addressPool ?? '',
      },
    };
  }
}
