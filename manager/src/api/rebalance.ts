import type { ObjectChange, Service } from '@tso/proto';
import { isByNode, isJob } from '../rules/jobs.ts';
import { heldByData, type Move, spreadFromNowOn } from '../rules/rebalancing.ts';
import { sharesNamespace } from '../rules/shared-namespaces.ts';
import { isLive, isOccupant, isServing } from '../rules/task-facts.ts';
import { isPaused, isUnderWay } from '../rules/update-pace.ts';
import { taskName } from '../rules/words.ts';
import { Draft } from '../store/transaction.ts';
import type { View } from '../store/view.ts';
import type { StackChanges } from './changes.ts';
import { chosenServices } from './chosen-services.ts';

/** What spreading services anew would move, as things are (moves-ahead.ts). */
export type MovesAhead = (view: View, services: readonly Service[], now: number) => readonly Move[];

/** Why nothing of the service can be moved just now; undefined: it can. */
const obstacle = (view: View, service: Service): string | undefined => {
  if (isByNode(service.spec.mode)) return 'it has one task on every node as it is';
  if (isJob(service)) return 'it is a job, whose tasks end by themselves';
  const volume = heldByData(view, service);
  if (volume !== undefined) return `its data is in volume ${volume}, which stays where it is`;
  if (sharesNamespace(service)) return 'its tasks stay beside those whose network, processes or IPC they share';
  return isPaused(service.update) ? 'its update is paused' : undefined;
};

/** What goes before any move; undefined: nothing. */
const waitsFor = (view: View, service: Service): string | undefined => {
  if (isUnderWay(service.update)) return 'once its update is done';
  const starts = view.tasksOfService(service.id).some((task) => isOccupant(task) && isLive(task) && !isServing(task));
  return starts ? 'once all its tasks run' : undefined;
};

const none = (service: Service, why: string): ObjectChange => ({
  kind: 'service',
  name: service.spec.name,
  action: 'none',
  changes: [{ path: 'rebalance', from: '', to: why }],
});

/**
 * What it takes to have the services' tasks spread anew, each with what will move as far as can be told (`web.3`: from one node to
 * another); `none` with the reason where nothing will. NOT_FOUND: no such stack or service.
 */
export const rebalanceChanges = (view: View, stack: string, names: readonly string[], now: number, ahead: MovesAhead): StackChanges => {
  const draft = new Draft(view);
  const services = chosenServices(view, stack, names);
  const free = services.filter((service) => obstacle(view, service) === undefined);
  const moves = Map.groupBy(ahead(view, free, now), ({ task }) => task.serviceId);
  const hostname = (id: string): string => view.node(id)?.description.hostname ?? id;
  const changes = services.map((service): ObjectChange => {
    const why = obstacle(view, service);
    if (why !== undefined) return none(service, why);
    const own = moves.get(service.id) ?? [];
    const later = waitsFor(view, service);
    if (own.length === 0 && later === undefined) return none(service, 'its tasks are spread as evenly as they may be');
    draft.putService({ ...spreadFromNowOn(view, service), rebalance: service.rebalance + 1 });
    const moved = own.map(({ task, to }) => ({ path: taskName(task), from: hostname(task.nodeId), to: hostname(to.id) }));
    const held = later === undefined ? [] : [{ path: 'rebalance', from: '', to: later }];
    return { kind: 'service', name: service.spec.name, action: 'update', changes: [...held, ...moved] };
  });
  return { actions: draft.actions(), changes, warnings: [] };
};
