import {
  type Audit,
  type Authority,
  type ClusterEvent,
  type EventFilter,
  HealthState,
  type Node,
  NodeAvailability,
  NodeRole,
  NodeState,
  type Task,
  TaskState,
  taskStateName,
} from '@tso/proto';
import { isTunnels } from '../rules/network-kinds.ts';
import { taskName } from '../rules/words.ts';
import type { Change } from '../store/apply.ts';
import { sameData } from '../store/equal.ts';
import { type Attributes, differences, type Happening, updateOf, wordOf } from './happenings.ts';
import { serviceHappenings } from './service-happenings.ts';

/** What an event is told of beside its change. */
export interface EventContext {
  readonly index: number;
  readonly atMs: number;
  readonly audit: Audit | undefined;
  /** The name that people know a node by. */
  readonly hostname: (nodeId: string) => string;
}

const nodeStateWord = (state: NodeState): string => wordOf(NodeState, state);

const labelsText = (labels: Attributes): string =>
  Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .sort()
    .join(',');

const taskHappenings = (before: Task, after: Task): readonly Happening[] => {
  const happenings: Happening[] = [];
  const { status } = after;
  if (before.status.state !== status.state) {
    const exit: Attributes = status.exitCode === undefined ? {} : { exitCode: String(status.exitCode) };
    happenings.push({
      action: taskStateName(status.state),
      attributes: { from: taskStateName(before.status.state), error: status.error, ...exit },
    });
  }
  const isTold = status.health === HealthState.HEALTHY || status.health === HealthState.UNHEALTHY;
  if (before.status.health !== status.health && isTold && status.state <= TaskState.RUNNING)
    happenings.push({ action: wordOf(HealthState, status.health) });
  const isFrozen = status.paused === true;
  if ((before.status.paused === true) !== isFrozen && status.state <= TaskState.RUNNING)
    happenings.push({ action: isFrozen ? 'paused' : 'unpaused' });
  const wish = differences(before, after, { desiredState: (task) => taskStateName(task.desiredState) });
  const why: Attributes = after.retiredBecause === undefined || Object.keys(wish).length === 0 ? {} : { reason: after.retiredBecause };
  return [...happenings, ...updateOf({ ...wish, ...why })];
};

const nodeHappenings = (before: Node, after: Node): readonly Happening[] => {
  const state: readonly Happening[] =
    before.state === after.state
      ? []
      : [{ action: nodeStateWord(after.state), attributes: { from: nodeStateWord(before.state), error: after.stateMessage } }];
  const changed = differences(before, after, {
    availability: (node) => wordOf(NodeAvailability, node.availability),
    role: (node) => wordOf(NodeRole, node.role),
    wantedRole: (node) => wordOf(NodeRole, node.wantedRole),
    labels: (node) => labelsText(node.labels),
    address: (node) => node.address,
    removing: (node) => String(node.removing),
  });
  return [...state, ...updateOf(changed)];
};

/** Which parts of it changed, and never what they are: they are secrets. */
const authorityHappenings = (before: Authority, after: Authority): readonly Happening[] => {
  const parts: readonly (readonly [string, boolean])[] = [
    ['root', before.certificate !== after.certificate],
    ['rotation', (before.rotation === undefined) !== (after.rotation === undefined)],
    ['tokens', before.workerSecret !== after.workerSecret || before.managerSecret !== after.managerSecret],
    ['autolock', before.unlockKey !== after.unlockKey],
    ['revoked', before.revoked.length !== after.revoked.length],
  ];
  const changed = parts.filter(([, differs]) => differs).map(([name]) => name);
  return changed.length === 0 ? [] : [{ action: 'update', attributes: { changed: changed.join(','), epoch: String(after.epoch) } }];
};

/** What else happened to an object that was there before and still is. */
const happenings = (change: Change): readonly Happening[] => {
  if (change.before === undefined || change.after === undefined) return [];
  switch (change.kind) {
    case 'task':
      return taskHappenings(change.before, change.after);
    case 'node':
      return nodeHappenings(change.before, change.after);
    case 'service':
      return serviceHappenings(change.before, change.after);
    case 'authority':
      return authorityHappenings(change.before, change.after);
    case 'stack':
      return sameData(change.before.spec, change.after.spec) ? [] : [{ action: 'update' }];
    case 'network':
    case 'volume':
      return sameData(change.before.spec, change.after.spec) ? updateOf(removing(change.before, change.after)) : [{ action: 'update' }];
    case 'config':
    case 'secret':
      return [{ action: 'update' }];
    case 'manager':
      return updateOf(
        differences(change.before, change.after, {
          address: ({ address }) => address,
          wantsVote: ({ wantsVote }) => String(wantsVote),
          removed: ({ removed }) => String(removed),
        }),
      );
    case 'cluster':
      return [{ action: 'update' }];
    case 'request':
    case 'fileVersion':
      return [];
    default:
      return change satisfies never;
  }
};

const removing = (before: { readonly removing: boolean }, after: { readonly removing: boolean }): Attributes =>
  differences(before, after, { removing: (object) => String(object.removing) });

interface Identity {
  readonly name: string;
  readonly attributes: Attributes;
}

/** The object's name, and what it belongs to. */
const identityOf = (change: Change, hostname: EventContext['hostname']): Identity => {
  switch (change.kind) {
    case 'task': {
      const task = change.after ?? change.before;
      if (task === undefined) return { name: '', attributes: {} };
      const { stack, serviceName: service, slot, nodeId, spec } = task;
      const node: Attributes = nodeId === '' ? {} : { node: hostname(nodeId) };
      return { name: taskName(task), attributes: { stack, service, slot: String(slot), image: spec.container.image, ...node } };
    }
    case 'service': {
      const service = change.after ?? change.before;
      return { name: service?.spec.name ?? '', attributes: { stack: service?.stack ?? '' } };
    }
    case 'stack': {
      const name = (change.after ?? change.before)?.name ?? '';
      return { name, attributes: { stack: name } };
    }
    case 'config':
    case 'secret': {
      const object = change.after ?? change.before;
      return { name: object?.name ?? '', attributes: { stack: object?.stack ?? '' } };
    }
    case 'network':
    case 'volume': {
      const object = change.after ?? change.before;
      return { name: object?.spec.name ?? '', attributes: { stack: object?.stack ?? '' } };
    }
    case 'node':
      return { name: (change.after ?? change.before)?.description.hostname ?? '', attributes: {} };
    case 'manager': {
      const manager = change.after ?? change.before;
      const node = manager === undefined ? '' : hostname(manager.nodeId);
      return { name: node, attributes: { node, address: manager?.address ?? '' } };
    }
    case 'cluster':
    case 'authority':
    case 'request':
    case 'fileVersion':
      return { name: '', attributes: {} };
    default:
      return change satisfies never;
  }
};

const askedBy = (audit: Audit | undefined): Attributes =>
  audit === undefined ? {} : { actor: audit.actor, source: audit.source, method: audit.method.split('/').at(-1) ?? '' };

/** What people want to hear of one change, most often nothing or one event. The records of requests, versions of files and the block of tunnel addresses tell nobody anything. */
export const eventsOfChange = (change: Change, context: EventContext): readonly ClusterEvent[] => {
  if (change.kind === 'request' || change.kind === 'fileVersion' || (change.kind === 'network' && isTunnels(change))) return [];
  const { index: version, atMs, audit, hostname } = context;
  const { name, attributes } = identityOf(change, hostname);
  const found: readonly Happening[] =
    change.before === undefined ? [{ action: 'create' }] : change.after === undefined ? [{ action: 'remove' }] : happenings(change);
  return found.map((one) => {
    const all = { ...attributes, ...one.attributes, ...askedBy(audit) };
    const said = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== ''));
    return { atMs, version, kind: change.kind, action: one.action, id: change.id, name, attributes: said };
  });
};

/** At least so many characters of an id say which one is meant. */
const shortestPrefix = 3;

const isNamed = (event: ClusterEvent, value: string): boolean =>
  event.name === value || event.id === value || (value.length >= shortestPrefix && event.id.startsWith(value));

const matchesOne = (event: ClusterEvent, { key, value }: EventFilter): boolean => {
  switch (key) {
    case 'kind':
      return event.kind === value;
    case 'action':
      return event.action === value;
    case 'id':
      return event.id === value || (value.length >= shortestPrefix && event.id.startsWith(value));
    case 'task':
      return event.kind === 'task' && isNamed(event, value);
    case 'node':
      return (event.kind === 'node' && isNamed(event, value)) || event.attributes.node === value;
    case 'stack':
    case 'service':
      return (event.kind === key && event.name === value) || event.attributes[key] === value;
    default:
      return false;
  }
};

/** Whether an event passes: one of the alternatives of each key. */
export const passesFilters = (event: ClusterEvent, filters: readonly EventFilter[]): boolean =>
  [...new Set(filters.map(({ key }) => key))].every((key) => filters.some((filter) => filter.key === key && matchesOne(event, filter)));

export const filterKeys: readonly string[] = ['kind', 'action', 'stack', 'service', 'task', 'node', 'id'];
