import { type ExecOptions, TsoError } from '@tso/proto';
import type { Image, Images, Rootfses } from '../image/types.ts';
import type { Networks, PublishedPort } from '../network/types.ts';
import type { ContainerExit, ContainerObservation, ContainerProcess, Containers, ExecProcess } from '../runtime/types.ts';
import type { Script } from './script.ts';

interface FakeContainer {
  state: 'created' | 'running' | 'exited';
  readonly process: ContainerProcess;
  paused: boolean;
  exit?: ContainerExit;
}

export const imageNamed = (name: string): Image => ({
  id: `sha256:${name}`,
  names: [name],
  digest: `sha256:manifest-${name}`,
  sizeBytes: 1,
  createdAtMs: 0,
  platform: { os: 'linux', architecture: 'amd64', variant: '' },
  config: {
    entrypoint: [],
    command: ['/bin/true'],
    env: [],
    workingDir: '',
    user: '',
    volumes: [],
    exposedPorts: [],
    stopSignal: '',
    labels: {},
  },
  layers: [],
});

/** What outlives an agent on its host: the kernel's side and the images. Each life of an agent gets ports of its own to it. */
export class FakeHost {
  readonly containers = new Map<string, FakeContainer>();
  readonly rootfses = new Map<string, string>();
  readonly namespaces = new Set<string>();
  readonly images = new Map<string, Image>();
  /** What a registry has. */
  readonly registry = new Map<string, Image>();
  readonly takenPorts = new Set<number>();
  readonly signals: string[] = [];
  /** How often each container's command was started. */
  readonly starts = new Map<string, number>();
  readonly ignoresSignals = new Set<string>();
  /** What a container that is made here runs without. */
  notes: readonly string[] = [];
  published: readonly PublishedPort[] = [];
  logFolder = '/nonexistent';
  exec: (options: ExecOptions) => ExecProcess = () => {
    throw new Error('this test runs no command');
  };
  #listeners = new Set<(id: string) => void>();
  #pid = 100;

  /** Ids with anything left in the kernel. */
  leftovers(): readonly string[] {
    return [...new Set([...this.containers.keys(), ...this.rootfses.keys(), ...this.namespaces])].sort();
  }

  /** The container's first process ends. */
  exit(id: string, exitCode: number): void {
    const container = this.containers.get(id);
    if (container === undefined || container.state === 'exited') return;
    container.state = 'exited';
    container.exit = { id, exitCode, oomKilled: false, atMs: 0 };
    for (const listener of this.#listeners) listener(id);
  }

  #observe(id: string): ContainerObservation {
    const container = this.containers.get(id);
    if (container === undefined) return { state: 'none' };
    if (container.exit !== undefined) return { state: 'exited', exit: container.exit };
    const { process, paused } = container;
    return container.state === 'running' ? { state: 'running', process, paused } : { state: 'created', process };
  }

  #create(id: string): ContainerProcess {
    const known = this.containers.get(id);
    if (known !== undefined) return known.process;
    if (!this.rootfses.has(id)) throw new Error(`the container ${id} is created without its root filesystem`);
    this.#pid += 1;
    const notes = this.notes.length === 0 ? {} : { notes: this.notes };
    const process = { pid: this.#pid, pidStartTime: '1', conmonPid: 1, conmonStartTime: '1', ...notes };
    this.containers.set(id, { state: 'created', process, paused: false });
    return process;
  }

  #run(id: string): void {
    const container = this.containers.get(id);
    if (container === undefined) throw new TsoError('FAILED_PRECONDITION', `the container ${id} is not there`);
    if (container.state !== 'created') return;
    container.state = 'running';
    this.starts.set(id, (this.starts.get(id) ?? 0) + 1);
  }

  #freeze(id: string, paused: boolean): void {
    const container = this.containers.get(id);
    if (container?.state !== 'running') throw new TsoError('FAILED_PRECONDITION', `the container ${id} does not run`);
    container.paused = paused;
  }

  #kill(id: string, signal: string): void {
    if (!/^SIG[A-Z]+$/.test(signal)) throw new TsoError('INVALID_ARGUMENT', `there is no signal ${signal}`);
    if (this.containers.get(id)?.paused === true) throw new Error(`${signal} is sent to ${id}, which is paused`);
    this.signals.push(`${signal} ${id}`);
    if (!this.ignoresSignals.has(id)) this.exit(id, 143);
  }

  containersFor(script: Script): Containers {
    const listener = (listening: (id: string) => void) => (id: string) => {
      if (!script.isDead) listening(id);
    };
    return {
      start: async () => undefined,
      stop: async () => undefined,
      create: (plan) => script.perform('container.create', plan.id, () => this.#create(plan.id)),
      run: (id) => script.perform('container.run', id, () => this.#run(id)),
      kill: (id, signal) => script.perform('container.kill', id, () => this.#kill(id, signal)),
      pause: (id) => script.perform('container.pause', id, () => this.#freeze(id, true)),
      unpause: (id) => script.perform('container.unpause', id, () => this.#freeze(id, false)),
      remove: (id) => script.perform('container.remove', id, () => void this.containers.delete(id)),
      observe: async (id) => this.#observe(id),
      list: async () => [...this.containers.keys()],
      onChange: (listening) => {
        const mine = listener(listening);
        this.#listeners.add(mine);
        return () => this.#listeners.delete(mine);
      },
      exec: async (_, options) => this.exec(options),
      logPath: (id) => `${this.logFolder}/${id}/log`,
      reopenLog: (id) => script.perform('container.reopenLog', id, () => undefined),
      stats: async () => undefined,
      usage: async () => undefined,
      processes: async () => [],
      files: async () => undefined,
      describe: async () => ({ runtime: 'fake 1', cgroupVersion: 2 }),
    };
  }

  imagesFor(script: Script): Images {
    const pull = (name: string): Image => {
      const image = this.registry.get(name);
      if (image === undefined) throw new TsoError('NOT_FOUND', `the registry has no image ${name}`);
      this.images.set(name, image);
      return image;
    };
    return {
      start: async () => undefined,
      list: () => [...this.images.values()],
      find: (name) => this.images.get(name) ?? [...this.images.values()].find(({ id }) => id === name),
      pull: (name, options) =>
        script.perform('image.pull', name, () => {
          if (options?.signal?.aborted === true) throw new TsoError('CANCELLED', 'the pull was cancelled');
          return pull(name);
        }),
      importRootfs: () => Promise.reject(new Error('not here')),
      load: () => Promise.reject(new Error('not here')),
      findDigest: (digest) => [...this.images.values()].find((image) => image.digest === digest),
      takeIn: () => Promise.reject(new Error('not here')),
      name: () => Promise.reject(new Error('not here')),
      fetch: () => Promise.reject(new Error('not here')),
      save: () => Promise.reject(new Error('not here')),
      remove: () => Promise.reject(new Error('not here')),
      layerFolders: (image) => script.perform('image.layers', image.id, () => []),
    };
  }

  /** @param folder where the root filesystems are made, as real folders */
  rootfsesFor(script: Script, make: (id: string) => Promise<string>, remove: (id: string) => Promise<void>): Rootfses {
    return {
      mount: (id) =>
        script.perform('rootfs.mount', id, async () => {
          const path = await make(id);
          this.rootfses.set(id, path);
          return path;
        }),
      remove: (id) =>
        script.perform('rootfs.remove', id, async () => {
          if (this.containers.has(id)) throw new Error(`the root filesystem of ${id} is removed below its container`);
          await remove(id);
          this.rootfses.delete(id);
        }),
      list: async () => [...this.rootfses.keys()],
    };
  }

  networksFor(script: Script): Networks {
    return {
      start: async () => undefined,
      stop: async () => undefined,
      configure: async () => undefined,
      setNetworks: (networks) => script.perform('network.set', networks.map(({ id }) => id).join(), () => undefined),
      setMembers: ({ id }) => script.perform('network.members', id, () => undefined),
      setIngress: (ports) => script.perform('network.ingress', ports.map(({ port }) => port.published).join(), () => undefined),
      setTunnels: ({ peers }) => script.perform('network.tunnels', peers.map(({ nodeId }) => nodeId).join(), () => undefined),
      tunnelKey: async () => undefined,
      troubles: [],
      attach: ({ taskId, networkOf }) =>
        script.perform('network.attach', taskId, () => {
          if (networkOf !== '' && !this.namespaces.has(networkOf))
            throw new TsoError('FAILED_PRECONDITION', `the task whose network it shares (${networkOf}) has none on this host`);
          this.namespaces.add(taskId);
          return `/netns/${taskId}`;
        }),
      detach: (taskId) => script.perform('network.detach', taskId, () => void this.namespaces.delete(taskId)),
      reserve: (ports) =>
        script.perform('network.reserve', ports[0]?.taskId ?? '', () => {
          const taken = ports.find(({ port }) => this.takenPorts.has(port.published));
          if (taken !== undefined)
            throw new TsoError('CONFLICT', `port ${taken.port.published}/tcp is taken on this host by nginx (pid 812)`);
        }),
      publish: (ports) =>
        script.perform('network.publish', '', () => {
          this.published = ports;
        }),
      collectGarbage: (live) =>
        script.perform('network.garbage', '', () => {
          for (const id of this.namespaces) if (!live.has(id)) this.namespaces.delete(id);
        }),
      resolvConf: async () => '',
      linkVariables: () => [],
      hostGateways: () => [],
    };
  }
}
