import type {
  Authority,
  Cluster,
  Config,
  FileKind,
  FileVersion,
  Manager,
  Network,
  Node,
  Request,
  Secret,
  Service,
  Stack,
  StoreAction,
  Task,
  Volume,
} from '@tso/proto';
import { TsoError } from '@tso/proto';

/** The object kinds of the store by the word that `ObjectRef.kind` and `Expectation.kind` use. */
export interface ObjectKinds {
  readonly cluster: Cluster;
  readonly node: Node;
  readonly stack: Stack;
  readonly service: Service;
  readonly task: Task;
  readonly network: Network;
  readonly volume: Volume;
  readonly manager: Manager;
  readonly config: Config;
  readonly authority: Authority;
  readonly request: Request;
  readonly secret: Secret;
  readonly fileVersion: FileVersion;
}
export type Kind = keyof ObjectKinds;
export type StoreObject = ObjectKinds[Kind];

export const kinds = [
  'cluster',
  'node',
  'stack',
  'service',
  'task',
  'network',
  'volume',
  'manager',
  'config',
  'authority',
  'request',
  'secret',
  'fileVersion',
] as const satisfies readonly Kind[];

export const isKind = (text: string): text is Kind => (kinds as readonly string[]).includes(text);

/** The kind that a text from the wire names. INVALID_ARGUMENT: no such kind. */
export const kindOf = (text: string): Kind => {
  if (!isKind(text)) throw new TsoError('INVALID_ARGUMENT', `the store has no objects of kind "${text}"`);
  return text;
};

/** Where the versions of a secret or config are found: they are named apart. */
export const fileKey = (kind: FileKind, name: string): string => `${kind} ${name}`;

/** Where the services of a name in a stack are found: beside one that is being removed there may be the next. */
export const serviceKey = (stackName: string, name: string): string => `${stackName} ${name}`;

/** How objects of a kind are found beside their id: index name to the key of an object in it. */
type IndexKeys<T> = Readonly<Record<string, (object: T) => string>>;

export const indexKeys = {
  cluster: {},
  node: {},
  stack: { name: (stack) => stack.name },
  service: { stack: (service) => service.stack, name: (service) => serviceKey(service.stack, service.spec.name) },
  task: { service: (task) => task.serviceId, node: (task) => task.nodeId, stack: (task) => task.stack },
  network: { name: (network) => network.spec.name, stack: (network) => network.stack },
  volume: { name: (volume) => volume.spec.name, stack: (volume) => volume.stack },
  manager: {},
  config: { name: (config) => config.name, stack: (config) => config.stack },
  authority: {},
  request: {},
  secret: { stack: (secret) => secret.stack },
  fileVersion: { name: (version) => fileKey(version.kind, version.name) },
} as const satisfies { readonly [K in Kind]: IndexKeys<ObjectKinds[K]> };

/** A put of an object as an action of a transaction. */
export const putAction = {
  cluster: (object: Cluster): StoreAction => ({ putCluster: object }),
  node: (object: Node): StoreAction => ({ putNode: object }),
  stack: (object: Stack): StoreAction => ({ putStack: object }),
  service: (object: Service): StoreAction => ({ putService: object }),
  task: (object: Task): StoreAction => ({ putTask: object }),
  network: (object: Network): StoreAction => ({ putNetwork: object }),
  volume: (object: Volume): StoreAction => ({ putVolume: object }),
  manager: (object: Manager): StoreAction => ({ putManager: object }),
  config: (object: Config): StoreAction => ({ putConfig: object }),
  authority: (object: Authority): StoreAction => ({ putAuthority: object }),
  request: (object: Request): StoreAction => ({ putRequest: object }),
  secret: (object: Secret): StoreAction => ({ putSecret: object }),
  fileVersion: (object: FileVersion): StoreAction => ({ putFileVersion: object }),
} as const satisfies { readonly [K in Kind]: (object: ObjectKinds[K]) => StoreAction };

export const removeAction = (kind: Kind, id: string): StoreAction => ({ remove: { kind, id } });
