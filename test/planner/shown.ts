import type { Service } from '@tso/proto';
import type { StackChanges } from '../../manager/src/api/changes.ts';
import type { Plan } from '../../manager/src/planner.ts';
import { countGood, failureOf, hasConverged } from '../../manager/src/rules/convergence.ts';
import { desiredCount } from '../../manager/src/rules/places.ts';
import { isAssigned, isLive } from '../../manager/src/rules/task-facts.ts';
import { cpusText, durationText, sizeText } from '../../manager/src/rules/words.ts';
import type { Stage } from './stage.ts';
import { placeText, serviceText, updateText } from './told.ts';

/** What transcripts show beside the events of each step. */

/** Services alone: what else a stack has is not the planner's. */
export const changeLines = ({ changes, warnings }: StackChanges): readonly string[] => [
  ...changes
    .filter(({ kind }) => kind === 'service')
    .map(({ name, action, changes: fields }) => {
      const texts = fields.map(({ path, from, to }) => `${path} ${from} -> ${to}`);
      return `service ${name}: ${action}${texts.length === 0 ? '' : ` (${texts.join('; ')})`}`;
    }),
  ...warnings.map((warning) => `warning: ${warning}`),
];

/** `web: 2 of 3 as wished, 1 other; updating: waits for db to start`. */
export const serviceLine = ({ world: { tables } }: Stage, service: Service): string => {
  const desired = desiredCount(tables, service);
  const { good, others } = countGood(tables, service);
  const { update } = service;
  const failure = failureOf(tables, service);
  const parts = [
    `${good} of ${desired} as wished${others === 0 ? '' : `, ${others} other${others === 1 ? '' : 's'}`}`,
    ...(service.stopped ? ['stopped'] : []),
    ...(update === undefined ? [] : [`${updateText(update.state)}${update.message === '' ? '' : `: ${update.message}`}`]),
    ...(hasConverged(tables, service, desired) ? ['converged'] : []),
    ...(failure === undefined || failure === update?.message ? [] : [`failed: ${failure}`]),
  ];
  return `${serviceText(service)}: ${parts.join('; ')}`;
};

/** Each node with the places of the live tasks it was told of, and what these have reserved. */
export const nodeLines = ({ world: { tables } }: Stage): readonly string[] =>
  tables.nodes().map(({ id }) => {
    const tasks = tables.tasksOfNode(id).filter((task) => isLive(task) && isAssigned(task));
    const places = tasks.map(placeText).sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
    const memory = tasks.reduce((sum, { spec }) => sum + spec.reservations.memoryBytes, 0);
    const cpus = tasks.reduce((sum, { spec }) => sum + spec.reservations.nanoCpus, 0);
    const reserved = [...(cpus === 0 ? [] : [cpusText(cpus)]), ...(memory === 0 ? [] : [sizeText(memory)])];
    return `${id}: ${places.join(' ') || 'nothing'}${reserved.length === 0 ? '' : ` (${reserved.join(', ')} reserved)`}`;
  });

/** How much a plan made now by a leader who remembers nothing would change, and when it would look again. */
export const planLines = ({ actions, wakeAtMs }: Plan, now: number): readonly string[] => [
  actions.length === 0 ? 'nothing to do' : `${actions.length} changes to make`,
  ...(wakeAtMs === undefined ? [] : [`looks again in ${durationText(wakeAtMs - now)}`]),
];

export const sleepText = (ms: number): string => (ms === 0 ? 'nothing wakes the planner' : `${durationText(ms)} later`);

export const elapsedText = (ms: number): string => `${durationText(ms)} since it began`;
