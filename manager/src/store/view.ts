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
  Task,
  Volume,
} from '@tso/proto';
import type { Kind, ObjectKinds } from './kinds.ts';
import { fileKey } from './kinds.ts';
import type { TableReader } from './table.ts';

/** A read of the store. Lists are copies found by index, in a stable order; names are unique among what is not being removed. */
export interface View {
  /** Log index of the last transaction in it. */
  readonly index: number;
  table<K extends Kind>(kind: K): TableReader<ObjectKinds[K]>;

  /** The one cluster object; undefined until the node is initialised. */
  cluster(): Cluster | undefined;
  node(id: string): Node | undefined;
  nodes(): readonly Node[];
  stack(id: string): Stack | undefined;
  stackByName(name: string): Stack | undefined;
  stacks(): readonly Stack[];
  service(id: string): Service | undefined;
  services(): readonly Service[];
  servicesOfStack(stackName: string): readonly Service[];
  task(id: string): Task | undefined;
  tasks(): readonly Task[];
  tasksOfService(serviceId: string): readonly Task[];
  /** Tasks placed on that node; the empty id asks for those not placed. */
  tasksOfNode(nodeId: string): readonly Task[];
  tasksOfStack(stackName: string): readonly Task[];
  network(id: string): Network | undefined;
  networkByName(name: string): Network | undefined;
  networks(): readonly Network[];
  volume(id: string): Volume | undefined;
  volumeByName(name: string): Volume | undefined;
  volumes(): readonly Volume[];
  /** Members of the group of managers, past ones too; the id is the raft id in decimal. */
  manager(id: string): Manager | undefined;
  managers(): readonly Manager[];
  config(id: string): Config | undefined;
  configByName(name: string): Config | undefined;
  configs(): readonly Config[];
  /** What vouches for the members; undefined in a cluster whose certificates come from elsewhere. */
  authority(): Authority | undefined;
  /** What became of a request, by its idempotency key. */
  request(id: string): Request | undefined;
  requests(): readonly Request[];
  secretByName(name: string): Secret | undefined;
  secrets(): readonly Secret[];
  fileVersion(id: string): FileVersion | undefined;
  fileVersions(): readonly FileVersion[];
  /** What a secret or config of that name held whenever a service took it. */
  versionsOfFile(kind: FileKind, name: string): readonly FileVersion[];
}

/** The named reads, all by way of `table`. */
export abstract class TableView implements View {
  abstract readonly index: number;
  abstract table<K extends Kind>(kind: K): TableReader<ObjectKinds[K]>;

  cluster(): Cluster | undefined {
    return this.table('cluster').all()[0];
  }
  node(id: string): Node | undefined {
    return this.table('node').get(id);
  }
  nodes(): readonly Node[] {
    return this.table('node').all();
  }
  stack(id: string): Stack | undefined {
    return this.table('stack').get(id);
  }
  stackByName(name: string): Stack | undefined {
    return this.table('stack').by('name', name)[0];
  }
  stacks(): readonly Stack[] {
    return this.table('stack').all();
  }
  service(id: string): Service | undefined {
    return this.table('service').get(id);
  }
  services(): readonly Service[] {
    return this.table('service').all();
  }
  servicesOfStack(stackName: string): readonly Service[] {
    return this.table('service').by('stack', stackName);
  }
  task(id: string): Task | undefined {
    return this.table('task').get(id);
  }
  tasks(): readonly Task[] {
    return this.table('task').all();
  }
  tasksOfService(serviceId: string): readonly Task[] {
    return this.table('task').by('service', serviceId);
  }
  tasksOfNode(nodeId: string): readonly Task[] {
    return this.table('task').by('node', nodeId);
  }
  tasksOfStack(stackName: string): readonly Task[] {
    return this.table('task').by('stack', stackName);
  }
  network(id: string): Network | undefined {
    return this.table('network').get(id);
  }
  networkByName(name: string): Network | undefined {
    const found = this.table('network').by('name', name);
    return found.find((network) => !network.removing) ?? found[0];
  }
  networks(): readonly Network[] {
    return this.table('network').all();
  }
  volume(id: string): Volume | undefined {
    return this.table('volume').get(id);
  }
  volumeByName(name: string): Volume | undefined {
    const found = this.table('volume').by('name', name);
    return found.find((volume) => !volume.removing) ?? found[0];
  }
  volumes(): readonly Volume[] {
    return this.table('volume').all();
  }
  manager(id: string): Manager | undefined {
    return this.table('manager').get(id);
  }
  managers(): readonly Manager[] {
    return this.table('manager').all();
  }
  config(id: string): Config | undefined {
    return this.table('config').get(id);
  }
  configByName(name: string): Config | undefined {
    return this.table('config').by('name', name)[0];
  }
  configs(): readonly Config[] {
    return this.table('config').all();
  }
  authority(): Authority | undefined {
    return this.table('authority').all()[0];
  }
  request(id: string): Request | undefined {
    return this.table('request').get(id);
  }
  requests(): readonly Request[] {
    return this.table('request').all();
  }
  /** Its name is its id. */
  secretByName(name: string): Secret | undefined {
    return this.table('secret').get(name);
  }
  secrets(): readonly Secret[] {
    return this.table('secret').all();
  }
  fileVersion(id: string): FileVersion | undefined {
    return this.table('fileVersion').get(id);
  }
  fileVersions(): readonly FileVersion[] {
    return this.table('fileVersion').all();
  }
  versionsOfFile(kind: FileKind, name: string): readonly FileVersion[] {
    return this.table('fileVersion').by('name', fileKey(kind, name));
  }
}
