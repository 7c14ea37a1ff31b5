import type { Network, Service, Task, Volume } from '@tso/proto';
import { isLive } from '../rules/task-facts.ts';
import { sameData } from '../store/equal.ts';
import type { TableChange, TableReader } from '../store/table.ts';
import type { View } from '../store/view.ts';

/** Whether a task takes something of a node, or holds an address: as long as it may run. */
const takes = (task: Task | undefined): task is Task => task !== undefined && isLive(task);

/**
 * Whether it takes something else than before, or is to give it back: then others fit, or why they do not reads otherwise. How far a task is
 * on its way to run does not matter.
 */
const takesOtherwise = ({ before }: TableChange<Task>, after: Task | undefined): boolean => {
  if (!takes(before) || !takes(after)) return takes(before) || (takes(after) && after.nodeId !== '');
  return (
    before.nodeId !== after.nodeId ||
    before.desiredState !== after.desiredState ||
    before.networkOf !== after.networkOf ||
    (before.spec !== after.spec && !sameData(before.spec.reservations, after.spec.reservations))
  );
};

/** Whether others may be placed otherwise now: by what it is, what it holds, and who goes before. How far its update is, is its own. */
const isOther = ({ before }: TableChange<Service>, after: Service | undefined): boolean =>
  before === undefined ||
  after === undefined ||
  before.removing !== after.removing ||
  before.stopped !== after.stopped ||
  !sameData(before.spec, after.spec) ||
  !sameData(before.vips, after.vips) ||
  !sameData(before.ports, after.ports);

/** Whether it is another network than it was; which address was given out last does not matter. */
const isOtherNetwork = ({ before }: TableChange<Network>, after: Network | undefined): boolean =>
  before === undefined || after === undefined || !sameData({ ...before, meta: after.meta, nextHost: 0 }, { ...after, nextHost: 0 });

const isOtherVolume = ({ before }: TableChange<Volume>, after: Volume | undefined): boolean =>
  before === undefined || after === undefined || before.removing !== after.removing || !sameData(before.spec, after.spec);

/** Whether something of that kind has changed in a table since it was last asked about. */
class TableWatch<T> {
  readonly #matters: (change: TableChange<T>, after: T | undefined) => boolean;
  #table: unknown;
  #revision = -1;

  constructor(matters: (change: TableChange<T>, after: T | undefined) => boolean) {
    this.#matters = matters;
  }

  hasChanged(table: TableReader<T>): boolean {
    const changes = this.#table === table ? table.changesSince(this.#revision) : undefined;
    this.#table = table;
    this.#revision = table.revision();
    return changes === undefined || changes.some((change) => this.#matters(change, table.get(change.id)));
  }
}

/**
 * Counts the changes after which a task that fits nowhere may fit, or does not for another reason: a task ended or was given a node, a
 * service or network is another one. What nodes are is looked at by who asks; that tasks are made, and start, is nothing to who waits.
 */
export class RoomWatch {
  readonly #tasks = new TableWatch<Task>(takesOtherwise);
  readonly #services = new TableWatch<Service>(isOther);
  readonly #networks = new TableWatch<Network>(isOtherNetwork);
  readonly #volumes = new TableWatch<Volume>(isOtherVolume);
  #changes = 0;

  /** Another number when there was such a change since it was last asked for. */
  look(view: View): number {
    const changed = [
      this.#tasks.hasChanged(view.table('task')),
      this.#services.hasChanged(view.table('service')),
      this.#networks.hasChanged(view.table('network')),
      this.#volumes.hasChanged(view.table('volume')),
    ];
    if (changed.includes(true)) this.#changes += 1;
    return this.#changes;
  }
}
