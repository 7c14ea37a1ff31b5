import type { Clock, Logger, NodeDescription, TaskStatus } from '@tso/proto';
import type { Tracing } from '@tso/proto/tracing';
import type { AgentConfig } from './config.ts';
import { readIfThere } from './durable-file.ts';
import { HealthMonitor } from './health/monitor.ts';
import { BuiltImages, type FetchBuiltPorts } from './image/fetch-built.ts';
import { Snapshotter } from './image/snapshotter.ts';
import type { Images } from './image/types.ts';
import { limits } from './limits.ts';
import { LocalState } from './local-state.ts';
import type { Networks } from './network/types.ts';
import { imageMountsDir, memoryDir, rootfsDir } from './paths.ts';
import type { Containers } from './runtime/types.ts';
import { FileStore } from './secrets/file-store.ts';
import { hostMemoryMounts, MemoryFolder } from './secrets/memory-folder.ts';
import type { TaskDriverPorts } from './task/driver-ports.ts';
import { TaskHooks } from './task/hooks.ts';
import type { StepName } from './task/machine.ts';
import { PreStartHooks } from './task/pre-start.ts';
import type { Step } from './task/step.ts';
import { StepSlots } from './task/step-slots.ts';
import { ContainerStep } from './task/steps/container.ts';
import { FilesStep } from './task/steps/files.ts';
import { HooksStep } from './task/steps/hooks.ts';
import { ImageStep } from './task/steps/image.ts';
import { NetworkStep } from './task/steps/network.ts';
import { PortsStep } from './task/steps/ports.ts';
import { RootfsStep } from './task/steps/rootfs.ts';
import { TemplatedStep } from './task/steps/templated.ts';
import { VolumesStep } from './task/steps/volumes.ts';
import { TracedStep } from './task/traced-step.ts';
import { ImageMounts } from './volumes/image-mounts.ts';
import { VolumeSpecs } from './volumes/volume-specs.ts';
import { Volumes } from './volumes/volumes.ts';
import { Worker } from './worker.ts';

/** The default seccomp profile that Debian's golang-github-containers-common installs. */
const seccompProfilePath = '/usr/share/containers/seccomp.json';

export interface MakeWorkerOptions extends Pick<AgentConfig, 'paths' | 'cgroupParent' | 'usernsRemap'> {
  readonly description: Pick<NodeDescription, 'hostname' | 'platform'>;
}

export interface MakeWorkerPorts {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly containers: Containers;
  readonly images: Images;
  readonly networks: Networks;
  readonly onStatus: (taskId: string, status: TaskStatus) => void;
  readonly tracing: Tracing;
  /** A built image by way of the manager. */
  readonly fetchImage: FetchBuiltPorts['fetchImage'];
}

const readSeccompProfile = async (logger: Logger): Promise<string | undefined> => {
  const profile = await readIfThere(seccompProfilePath);
  if (profile === undefined)
    logger.warn({ path: seccompProfilePath }, 'no default seccomp profile: containers that do not say seccomp=unconfined will be refused');
  return profile?.toString();
};

/** The worker with all that its tasks are made by: the steps, the volumes, the health checks. Not started. */
export const makeWorker = async (options: MakeWorkerOptions, ports: MakeWorkerPorts): Promise<Worker> => {
  const { paths, cgroupParent, usernsRemap: remap, description: node } = options;
  const { hostname } = node;
  const { clock, logger, containers, images, networks, onStatus, tracing, fetchImage } = ports;
  const localState = new LocalState({ paths }, { logger });
  await localState.start();
  const specs = new VolumeSpecs({ paths }, { logger });
  await specs.start();
  const imageMounts = new ImageMounts({ images, views: new Snapshotter({ folder: imageMountsDir(paths) }) });
  const volumes = new Volumes({ paths, remapping: remap !== undefined }, { specs, imageMounts });
  await volumes.start();
  const files = new FileStore({ logger, memory: new MemoryFolder({ path: memoryDir(paths) }, { mounts: hostMemoryMounts }) });
  const rootfses = new Snapshotter({ folder: rootfsDir(paths) });
  const seccompProfile = await readSeccompProfile(logger);
  const traced = (name: StepName, step: Step): Step => new TracedStep(name, step, tracing);
  const templated = (step: Step): Step => new TemplatedStep(step, node);
  const containerOptions = { paths, cgroupParent, remap, seccompProfile, hostHostname: hostname };
  const steps = (release: () => Promise<void>): TaskDriverPorts['steps'] => ({
    image: traced('image', new ImageStep(images, new BuiltImages({ clock, logger, images, fetchImage }), clock)),
    rootfs: traced('rootfs', new RootfsStep({ remap }, { images, rootfses })),
    volumes: traced('volumes', new VolumesStep({ remap, node }, { volumes })),
    files: traced('files', new FilesStep({ remap, node }, { store: files })),
    network: traced('network', templated(new NetworkStep({ paths, hostHostname: hostname }, { networks }))),
    ports: traced('ports', new PortsStep(networks, release)),
    hooks: traced('hooks', templated(new HooksStep(containerOptions, { containers, images, rootfses }))),
    container: traced('container', templated(new ContainerStep(containerOptions, { containers }))),
  });
  const driverPorts = {
    health: new HealthMonitor({ containers, clock }),
    hooks: new TaskHooks({ clock, logger, containers }),
    preStart: new PreStartHooks({ containers }),
    slots: new StepSlots(limits.parallelSteps),
    pullSlots: new StepSlots(limits.parallelPulls),
    steps,
  };
  return new Worker(
    { hostname, paths },
    { clock, logger, localState, containers, rootfses, networks, volumes, files, driverPorts, onStatus },
  );
};
