import type { Network, Stack } from '@tso/proto';
import { TsoError } from '@tso/proto';
import { isIngress } from '../rules/network-kinds.ts';
import type { View } from '../store/view.ts';
import { servicesOn, tasksOn } from './network-view.ts';

const mostNamed = 5;

const listed = (names: readonly string[]): string =>
  names.length <= mostNamed ? names.join(', ') : `${names.slice(0, mostNamed).join(', ')} and ${names.length - mostNamed} more`;

const refused = (message: string, hint: string, details: Readonly<Record<string, unknown>>): TsoError =>
  new TsoError('FAILED_PRECONDITION', message, { hint, details: { ...details, outcome: 'refused' } });

/** Stacks whose files say that the network is there already. */
const stacksThatName = (view: View, name: string): readonly Stack[] =>
  view.stacks().filter(({ spec }) => spec.networks.some((network) => network.external && network.name === name));

/** Why the network cannot be removed, with who is on it; undefined: it can. FAILED_PRECONDITION. */
export const removalProblem = (view: View, network: Network): TsoError | undefined => {
  const { name } = network.spec;
  if (isIngress(network)) {
    return refused(
      `network ${name} cannot be removed: it carries the published ports of all services`,
      'The cluster made it and keeps it; it costs nothing while no port is published',
      { name },
    );
  }
  if (network.stack !== '' && view.stackByName(network.stack) !== undefined) {
    return refused(`network ${name} belongs to stack ${network.stack}`, `tso down -p ${network.stack} removes it with the stack`, {
      name,
      stack: network.stack,
    });
  }
  const services = servicesOn(view, network);
  const tasks = tasksOn(view, network);
  if (services.length > 0 || tasks.length > 0) {
    const who = services.length > 0 ? services : [...new Set(tasks.map((task) => `${task.stack}_${task.serviceName}`))];
    const what = `${who.length === 1 ? 'service' : 'services'} ${listed(who)}`;
    const running = tasks.length === 0 ? '' : ` (${tasks.length} ${tasks.length === 1 ? 'task' : 'tasks'})`;
    return refused(`network ${name} is in use by ${what}${running}`, 'Take these off it first, or their stacks down', {
      name,
      services: who,
      tasks: tasks.map(({ id }) => id),
    });
  }
  const stacks = stacksThatName(view, name).map((stack) => stack.name);
  if (stacks.length === 0) return undefined;
  return refused(
    `network ${name} is named as external by ${stacks.length === 1 ? 'stack' : 'stacks'} ${listed([...stacks].sort())}`,
    'Take it out of their files and apply them, or take them down',
    { name, stacks },
  );
};
