import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { type Clock, type ExecOptions, type Lifecycle, type Logger, present, sentenceOf, TsoError } from '@tso/proto';
import { programPath } from '../host-command.ts';
import { KeyedLock } from '../keyed-lock.ts';
import type { AgentPaths } from '../paths.ts';
import { blkioDevices, weightLines } from './block-io.ts';
import { bundleConfig, planEnvironment, workingDirectory } from './bundle.ts';
import { isInCgroup } from './cgroup.ts';
import { CgroupPlaces } from './cgroup-places.ts';
import type { Cgroups } from './cgroup-tree.ts';
import { cgroupsV1 } from './cgroup-v1.ts';
import { cgroupsV2 } from './cgroup-v2.ts';
import { argumentVector, commandError } from './command.ts';
import { commandProblem } from './command-lookup.ts';
import { conmonAt, createWithConmon, findConmon, reopenConmonLog } from './conmon.ts';
import { ContainerFiles, type ContainerRecord, isContainerId, type RuntimeName } from './container-files.ts';
import { createError, runtimeError } from './create-error.ts';
import { anyDiskHasBfq, blockDevices, grantedDevices } from './devices.ts';
import { defaultPath, environmentValue } from './environment.ts';
import { failedExec, startExec } from './exec.ts';
import { execProcess } from './exec-process.ts';
import { ExitWatch } from './exit-watch.ts';
import { detectLayout, type HostFacts, readHostFacts } from './host-facts.ts';
import { initProgram } from './init-program.ts';
import { OciRuntime } from './oci.ts';
import { type OciConfig, ociJson } from './oci-spec.ts';
import { requirePassage } from './passage.ts';
import { identify, isAlive, type ProcessIdentity, readProcess, signalProcess } from './processes.ts';
import { mayPrompt } from './prompt-start.ts';
import { endConmon, freezeCgroup, killCgroup, removeCgroup } from './removal.ts';
import { type ResourceFacts, resourceNotes } from './resources.ts';
import { readTextInRoot } from './rootfs-files.ts';
import { requireAwake, requireRunning } from './running.ts';
import { SeccompCache } from './seccomp-cache.ts';
import { killSignal, signalNumber } from './signals.ts';
import type {
  ContainerObservation,
  ContainerPlace,
  ContainerPlan,
  ContainerProcess,
  ContainerStats,
  Containers,
  ContainerUsage,
  ExecProcess,
} from './types.ts';
import { type ResolvedUser, resolveUser } from './users.ts';

export interface ContainerRuntimeOptions {
  readonly paths: AgentPaths;
  /** `/tso`: each container gets a cgroup right below it. */
  readonly cgroupParent: string;
  readonly runtime: RuntimeName;
}

export interface ContainerRuntimePorts {
  readonly clock: Clock;
  readonly logger: Logger;
}

interface Host {
  readonly cgroups: Cgroups;
  readonly places: CgroupPlaces;
  readonly runtimes: Readonly<Record<RuntimeName, OciRuntime>>;
  readonly facts: HostFacts;
  readonly mayPrompt: boolean;
}

const mountedByUs = ['/proc', '/sys', '/dev'];

const conmonOf = (process: ContainerProcess): ProcessIdentity => ({ pid: process.conmonPid, startTime: process.conmonStartTime });
const firstProcessOf = (process: ContainerProcess): ProcessIdentity => ({ pid: process.pid, startTime: process.pidStartTime });

/** The containers of one agent: conmon and an OCI runtime under the agent's directories and cgroup. Holds no state that its files do not have. */
export class ContainerRuntime implements Containers, Lifecycle {
  readonly #options: ContainerRuntimeOptions;
  readonly #ports: ContainerRuntimePorts;
  readonly #files: ContainerFiles;
  readonly #parent: string;
  readonly #lock = new KeyedLock();
  readonly #watch: ExitWatch;
  readonly #seccomp = new SeccompCache();
  #host: Host | undefined;
  #version: Promise<string> | undefined;

  constructor(options: ContainerRuntimeOptions, ports: ContainerRuntimePorts) {
    this.#options = options;
    this.#ports = ports;
    this.#files = new ContainerFiles(options.paths);
    this.#parent = `/${options.cgroupParent.replace(/^\/+|\/+$/g, '')}`;
    this.#watch = new ExitWatch({ exitsDir: this.#files.exits }, { ...ports, prepare: () => this.#files.prepare() });
  }

  get #running(): Host {
    return present(this.#host, 'the container runtime must have been started; its host');
  }

  async start(): Promise<void> {
    this.#files.prepare();
    const layout = detectLayout();
    const hybrid = layout.version === 1 && layout.unified === '/sys/fs/cgroup/unified';
    const runtimeOf = (name: RuntimeName): OciRuntime =>
      new OciRuntime({ name, root: this.#files.runtimeRoot(name), runDir: this.#options.paths.runDir, hybrid });
    const runtimes = { crun: runtimeOf('crun'), runc: runtimeOf('runc') };
    await Promise.all([runtimes.crun.prepare(), runtimes.runc.prepare()]);
    const cgroups = layout.version === 1 ? cgroupsV1(layout) : cgroupsV2(layout.root);
    this.#host = {
      cgroups,
      places: new CgroupPlaces(this.#parent, cgroups, this.#knownCgroups()),
      runtimes,
      facts: readHostFacts(),
      mayPrompt: await mayPrompt(),
    };
    for (const id of this.#files.ids()) {
      const process = this.#adopt(id)?.process;
      if (process !== undefined && this.#files.readExit(id) === undefined) this.#watch.add(id, conmonOf(process));
    }
    this.#watch.start();
  }

  async stop(): Promise<void> {
    this.#watch.stop();
    // The last one out takes the parent away; a container's own cgroup stays, since it knows of its OOM kills.
    if (this.#host?.cgroups.children(this.#parent).length === 0) this.#host.cgroups.remove(this.#parent);
  }

  create(plan: ContainerPlan): Promise<ContainerProcess> {
    return this.#lock.run(plan.id, async () => {
      const before = this.#observe(plan.id);
      if (before.state === 'created' || before.state === 'running') return before.process;
      if (before.state === 'exited')
        throw new TsoError('FAILED_PRECONDITION', `the container ${plan.id} has ended already`, { hint: 'Remove it first' });
      if (before.state === 'lost') await this.#remove(plan.id);
      // Decided before anything is written: what the user got wrong leaves nothing behind.
      const resources = this.#resourceFacts(plan);
      const config = this.#config(plan, resources);
      try {
        const made = await this.#running.places.making(config.linux.cgroupsPath, () => this.#create(plan, config, resources));
        const notes = resourceNotes(plan.spec, resources);
        return notes.length === 0 ? made : { ...made, notes };
      } catch (error) {
        const complaint = this.#files.readComplaint(plan.id);
        await this.#remove(plan.id);
        throw createError(plan.spec.image, config, error, complaint);
      }
    });
  }

  run(id: string): Promise<void> {
    return this.#lock.run(id, async () => {
      const observed = this.#observe(id);
      if (observed.state === 'running' || observed.state === 'exited') return;
      const record = this.#files.readRecord(id);
      if (observed.state !== 'created' || record === undefined)
        throw new TsoError('FAILED_PRECONDITION', `the container ${id} cannot start: it is ${observed.state}`);
      try {
        await this.#running.runtimes[record.runtime].start(id);
      } catch (error) {
        throw runtimeError(record.image, this.#files.readConfig(id), sentenceOf(error), 'could not start', error);
      }
    });
  }

  async kill(id: string, signal: string): Promise<void> {
    const number = signalNumber(signal);
    const observed = this.#observe(id);
    if (observed.state !== 'created' && observed.state !== 'running') return;
    signalProcess(firstProcessOf(observed.process), number);
    // What is frozen by control groups of version 1 does not even end by this before it is let go.
    if (number === killSignal && observed.state === 'running' && observed.paused) this.#running.cgroups.thaw(this.#cgroupPath(id));
  }

  async pause(id: string): Promise<void> {
    if (requireRunning(id, this.#observe(id)).paused) return;
    await freezeCgroup(this.#running.cgroups, this.#cgroupPath(id), this.#ports.clock);
  }

  async unpause(id: string): Promise<void> {
    this.#running.cgroups.thaw(this.#cgroupPath(id));
  }

  remove(id: string): Promise<void> {
    return this.#lock.run(id, () => this.#remove(id));
  }

  async observe(id: string): Promise<ContainerObservation> {
    return this.#observe(id);
  }

  async list(): Promise<readonly string[]> {
    const inCgroups = this.#running.places.names(this.#knownCgroups()).filter(isContainerId);
    return [...new Set([...this.#files.ids(), ...inCgroups])].sort();
  }

  onChange(listener: (id: string) => void): () => void {
    return this.#watch.onChange(listener);
  }

  async exec(id: string, options: ExecOptions): Promise<ExecProcess> {
    const observed = requireAwake(id, this.#observe(id));
    const record = present(this.#files.readRecord(id), `the record of the container ${id}`);
    const config = present(this.#files.readConfig(id), `the bundle of the container ${id}`);
    const [command] = options.command;
    if (command === undefined || command === '') throw new TsoError('INVALID_ARGUMENT', 'exec needs a command');
    // The container's own view of its files: with its mounts, and looked up without following links out of it.
    const root = `/proc/${observed.process.pid}/root`;
    const user = options.user === '' ? undefined : this.#user(root, options.user, [], record.image);
    const process = execProcess(config.process, options, { user, capabilities: this.#running.facts.capabilities });
    const path = environmentValue(process.env, 'PATH') ?? defaultPath;
    const problem = commandProblem({ root, command, path, cwd: process.cwd, covers: new Set() });
    if (problem !== undefined)
      return failedExec(commandError(command, record.image, path, problem).message, problem === 'missing' ? 127 : 126, options.tty);
    return startExec(
      {
        id,
        filesPrefix: join(this.#files.dir(id), `exec-${randomUUID()}`),
        cgroupPath: record.cgroupPath,
        runtime: this.#running.runtimes[record.runtime],
        insideNetns: record.insideNetns,
        process,
        interactive: options.interactive,
        size: options.size,
        mayPrompt: this.#running.mayPrompt,
      },
      this.#ports,
    );
  }

  logPath(id: string): string {
    return this.#files.log(id);
  }

  async reopenLog(id: string): Promise<void> {
    // conmon puts a new file in the place of the old one, so only one may: who writes now.
    const guest = this.#files.ids().find((it) => this.#files.readRecord(it)?.logOf === id && this.#observe(it).state === 'running');
    const writer = guest ?? id;
    const { state } = this.#observe(writer);
    if (state === 'created' || state === 'running') await reopenConmonLog(this.#files.dir(writer));
  }

  async stats(id: string): Promise<ContainerStats | undefined> {
    return this.#running.cgroups.stats(this.#cgroupPath(id));
  }

  async usage(id: string): Promise<ContainerUsage | undefined> {
    return this.#running.cgroups.usage(this.#cgroupPath(id));
  }

  async processes(id: string): Promise<readonly number[]> {
    return this.#running.cgroups.processes(this.#cgroupPath(id));
  }

  async files(id: string): Promise<ContainerPlace | undefined> {
    const config = this.#files.readConfig(id);
    if (config === undefined) return undefined;
    const observed = this.#observe(id);
    const binds = config.mounts.filter((mount) => mount.type === 'bind');
    const [mapping] = config.linux.uidMappings ?? [];
    return {
      process: observed.state === 'running' ? firstProcessOf(observed.process) : undefined,
      rootfs: config.root.path,
      readOnly: config.root.readonly,
      binds: binds.map(({ destination, source, options }) => ({
        target: destination,
        source,
        readOnly: options.some((it) => it === 'ro' || it === 'rro'),
      })),
      shift: mapping === undefined ? undefined : { base: mapping.hostID, size: mapping.size },
    };
  }

  async describe(): Promise<{ readonly runtime: string; readonly cgroupVersion: 1 | 2 }> {
    this.#version ??= this.#running.runtimes[this.#options.runtime].version();
    return { runtime: await this.#version, cgroupVersion: this.#running.cgroups.version };
  }

  #cgroupPath(id: string): string {
    return this.#files.readRecord(id)?.cgroupPath ?? this.#running.places.find(id);
  }

  #knownCgroups(): readonly string[] {
    return this.#files.ids().flatMap((id) => this.#files.readRecord(id)?.cgroupPath ?? []);
  }

  #user(root: string, user: string, groupAdd: readonly string[], image: string): ResolvedUser {
    return resolveUser({ user, groupAdd, passwd: readTextInRoot(root, '/etc/passwd'), group: readTextInRoot(root, '/etc/group'), image });
  }

  /** The network namespace that the runtime is started in for this container; undefined: it joins it by itself. */
  #insideNetns(plan: ContainerPlan): string | undefined {
    return plan.shift !== undefined && this.#runtimeOf(plan).startsInsideNetns ? plan.netns : undefined;
  }

  /** The one that the spec names, or this host's. INVALID_ARGUMENT: there is none of that name; FAILED_PRECONDITION: not installed. */
  #runtimeOf({ spec: { runtime: name } }: ContainerPlan): OciRuntime {
    const { runtimes } = this.#running;
    if (name === '') return runtimes[this.#options.runtime];
    if (name !== 'crun' && name !== 'runc')
      throw new TsoError('INVALID_ARGUMENT', `there is no runtime ${name}`, {
        hint: 'It can be crun or runc; leave it out for what the node has',
      });
    programPath(name);
    return runtimes[name];
  }

  /** What control groups can do here of what the plan asks for. */
  #resourceFacts({ spec: { blkio } }: ContainerPlan): ResourceFacts {
    const { cgroups } = this.#running;
    return {
      swapAccounting: cgroups.swapAccounting,
      cgroupVersion: cgroups.version,
      realTimeGroups: cgroups.realTimeGroups,
      blockWeights: blkio === undefined ? 'none' : cgroups.blockWeights(this.#parent),
      sharesByWeight: blkio !== undefined && (anyDiskHasBfq() || cgroups.sharesByCost()),
      blockDevices: blockDevices(blkio === undefined ? [] : blkioDevices(blkio)),
    };
  }

  /** The bundle's configuration, or the sentence why there can be none. */
  #config(plan: ContainerPlan, resources: ResourceFacts): OciConfig {
    const { facts } = this.#running;
    if (plan.shift !== undefined) requirePassage(plan.rootfs, plan.shift.base);
    const args = argumentVector(plan.spec, plan.image);
    const user = this.#user(plan.rootfs, plan.spec.user || plan.image.user, plan.spec.groupAdd, plan.spec.image);
    const path = environmentValue(planEnvironment(plan, user.home), 'PATH') ?? defaultPath;
    const [command = ''] = args;
    const covers = new Set([...mountedByUs, ...plan.mounts.map((mount) => mount.target)]);
    const problem = commandProblem({ root: plan.rootfs, command, path, cwd: workingDirectory(plan), covers });
    if (problem !== undefined) throw commandError(command, plan.spec.image, path, problem);
    return bundleConfig(plan, {
      ...facts,
      user,
      args,
      initPath: plan.spec.init === true ? initProgram() : undefined,
      ...resources,
      isInsideNetns: this.#insideNetns(plan) !== undefined,
      devices: grantedDevices(plan.spec.devices, plan.spec.privileged),
    });
  }

  async #create(plan: ContainerPlan, config: OciConfig, { blockWeights, blockDevices: devices }: ResourceFacts): Promise<ContainerProcess> {
    const { id } = plan;
    const runtime = this.#runtimeOf(plan);
    const insideNetns = this.#insideNetns(plan);
    const record: ContainerRecord = {
      id,
      runtime: runtime.name,
      cgroupPath: config.linux.cgroupsPath,
      image: plan.spec.image,
      ...(plan.logOf === undefined ? {} : { logOf: plan.logOf }),
      ...(insideNetns === undefined ? {} : { insideNetns }),
    };
    const { cpuRtRuntimeUs, cpuRtPeriodUs } = plan.spec;
    if (cpuRtRuntimeUs > 0) this.#running.cgroups.grantRealTime(record.cgroupPath, cpuRtRuntimeUs, cpuRtPeriodUs);
    this.#files.begin(id, plan.logOf ?? id);
    const usesCache = runtime.name === 'crun';
    this.#files.writeConfig(id, ociJson(usesCache ? this.#seccomp.apply(config) : config));
    this.#files.writeRecord(record);
    await createWithConmon(
      {
        id,
        bundle: this.#files.dir(id),
        exitsDir: this.#files.exits,
        attachDir: this.#files.attachDir,
        logPath: this.#files.log(plan.logOf ?? id),
        logMaxSizeBytes: plan.logMaxSizeBytes,
        terminal: plan.spec.tty,
        openStdin: plan.spec.openStdin,
        runtime,
        insideNetns,
      },
      this.#ports.clock,
    );
    const process = this.#adopt(id)?.process;
    if (process === undefined) throw new TsoError('INTERNAL', 'it ended before it was started');
    const { blkio } = plan.spec;
    if (blkio !== undefined && blockWeights === 'agent')
      this.#running.cgroups.setBlockWeights(record.cgroupPath, weightLines(blkio, devices));
    if (usesCache) this.#seccomp.learn(config, this.#files.readSeccompFilter(id));
    this.#watch.add(id, conmonOf(process));
    return process;
  }

  /** The record with its processes; looked for by pid file when the agent that made the container ended before it could write them down. */
  #adopt(id: string): ContainerRecord | undefined {
    const record = this.#files.readRecord(id);
    if (record === undefined || record.process !== undefined) return record;
    const pid = this.#files.readPid(id, 'pid');
    const conmonPid = this.#files.readPid(id, 'conmon.pid');
    if (pid === undefined || conmonPid === undefined) return record;
    const first = identify(pid);
    const conmon = conmonAt(conmonPid, this.#files.dir(id));
    if (first === undefined || conmon === undefined || !isInCgroup(readProcess(pid, 'cgroup') ?? '', record.cgroupPath)) return record;
    const process = { pid, pidStartTime: first.startTime, conmonPid, conmonStartTime: conmon.startTime };
    const adopted = { ...record, process };
    this.#files.writeRecord(adopted);
    return adopted;
  }

  #exited(id: string): ContainerObservation | undefined {
    const exit = this.#files.readExit(id);
    if (exit === undefined) return undefined;
    const wasOom = exit.exitCode !== 0 && (this.#files.sawOom(id) || this.#running.cgroups.oomKills(this.#cgroupPath(id)) > 0);
    return { state: 'exited', exit: { id, ...exit, oomKilled: wasOom } };
  }

  #observe(id: string): ContainerObservation {
    const exited = this.#exited(id);
    if (exited !== undefined) return exited;
    if (!this.#files.exists(id)) {
      if (!this.#running.cgroups.exists(this.#cgroupPath(id))) return { state: 'none' };
      return { state: 'lost', reason: 'its files in the run directory are gone' };
    }
    const record = this.#adopt(id);
    if (record?.process === undefined) return { state: 'lost', reason: 'the agent ended while it was being created' };
    if (isAlive(conmonOf(record.process))) {
      const { process, cgroupPath } = record;
      if (this.#files.isWaitingForStart(record)) return { state: 'created', process };
      return { state: 'running', process, paused: this.#running.cgroups.isFrozen(cgroupPath) };
    }
    // Asked again: conmon may have written the exit file and left between the two looks.
    return this.#exited(id) ?? { state: 'lost', reason: `its monitor, conmon (process ${record.process.conmonPid}), was killed` };
  }

  async #remove(id: string): Promise<void> {
    const { cgroups } = this.#running;
    const dir = this.#files.dir(id);
    const path = this.#cgroupPath(id);
    if (!this.#files.ids().includes(id) && !cgroups.exists(path)) return;
    const known = this.#watch.conmonOf(id) ?? (await this.#adopted(id));
    // Searched among all processes only when no file tells.
    const conmon = known ?? (this.#files.readExit(id) === undefined ? findConmon(dir) : undefined);
    this.#watch.drop(id);
    await killCgroup(cgroups, path, this.#ports.clock);
    if (conmon !== undefined) {
      await endConmon(conmon, this.#ports.clock);
      // A create that was under way may have put a process there meanwhile.
      await killCgroup(cgroups, path, this.#ports.clock);
    }
    await removeCgroup(cgroups, path, this.#ports.clock);
    this.#running.places.prune(path);
    this.#files.remove(id);
  }

  async #adopted(id: string): Promise<ProcessIdentity | undefined> {
    const process = this.#files.exists(id) ? this.#adopt(id)?.process : undefined;
    return process === undefined ? undefined : conmonOf(process);
  }
}
