import type { Constraint, GenericResource, PortConfig, Service, Task } from '@tso/proto';
import { MountType, PlacementStrategy, PublishMode } from '@tso/proto';
import { parsedConstraints } from '../rules/constraints.ts';
import { asked } from '../rules/generic-resources.ts';
import { isEncrypted, networkDriver } from '../rules/network-kinds.ts';
import { portText } from '../rules/words.ts';
import type { View } from '../store/view.ts';

/** A file system that the node has to have, and for which volume. */
export interface FileSystemAsk {
  readonly volume: string;
  readonly type: string;
}

/** What a task asks of its node, worked out once for all nodes. Equal tasks of a service ask for the same. */
export interface Ask {
  readonly service: Service;
  readonly nanoCpus: number;
  readonly memoryBytes: number;
  readonly generic: readonly GenericResource[];
  /** One that does not parse stands as it was written. */
  readonly constraints: readonly (Constraint | string)[];
  /** Empty: any. */
  readonly platform: string;
  /** `8080/tcp` */
  readonly hostPorts: readonly string[];
  /** 0: any number. */
  readonly mostPerNode: number;
  readonly needsEncryption: boolean;
  readonly networkDrivers: readonly string[];
  readonly fileSystems: readonly FileSystemAsk[];
  readonly isPacked: boolean;
}

export const hostModePorts = (ports: readonly PortConfig[]): readonly string[] =>
  ports.filter((port) => port.mode === PublishMode.HOST).map(portText);

const unique = (texts: readonly string[]): readonly string[] => [...new Set(texts)].sort();

/** Of volumes that are no file systems of their own: a folder of the node, or whatever mount(8) finds. */
const needNone = new Set(['', 'none', 'auto']);

const fileSystemsOf = (view: View, task: Pick<Task, 'spec'>): readonly FileSystemAsk[] =>
  task.spec.container.mounts.flatMap(({ type, source }) => {
    if (type !== MountType.VOLUME || source === '') return [];
    const { type: fileSystem = '', o = '' } = view.volumeByName(source)?.spec.driverOpts ?? {};
    const isFolder = o.split(',').some((option) => option === 'bind' || option === 'rbind');
    return isFolder || needNone.has(fileSystem) ? [] : [{ volume: source, type: fileSystem }];
  });

/** What the task, with the ports that it was granted, asks of a node: by its own spec, and by its service's present placement. */
export const askOf = (view: View, service: Service, task: Pick<Task, 'spec' | 'ports'>): Ask => {
  const { placement } = service.spec.task;
  const specs = task.spec.networkMode === '' ? task.spec.networks.flatMap(({ network }) => view.networkByName(network)?.spec ?? []) : [];
  return {
    service,
    nanoCpus: task.spec.reservations.nanoCpus,
    memoryBytes: task.spec.reservations.memoryBytes,
    generic: asked(task.spec.generic),
    constraints: parsedConstraints(placement.constraints),
    platform: task.spec.container.platform,
    hostPorts: hostModePorts(task.ports),
    mostPerNode: placement.maxReplicasPerNode,
    needsEncryption: specs.some(isEncrypted),
    networkDrivers: unique(specs.map(networkDriver)),
    fileSystems: fileSystemsOf(view, task),
    isPacked: placement.strategy === PlacementStrategy.BINPACK,
  };
};
