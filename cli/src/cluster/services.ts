import { type ServiceView, TsoError } from '@tso/proto';
import type { ControlClient } from '../control-client.ts';
import type { Io } from '../io.ts';
import { type SelectionOptions, selectStack } from '../project.ts';

const qualified = ({ service }: ServiceView): string => `${service.stack}_${service.spec.name}`;

/** All services, or those of one stack, by stack and name. NOT_FOUND: there is no such stack. */
export const allServices = async (control: ControlClient, stack?: string): Promise<readonly ServiceView[]> => {
  const names = stack === undefined ? (await control.listStacks({})).stacks.map(({ name }) => name) : [stack];
  const views = await Promise.all(names.map((name) => control.getStack({ name })));
  if (stack !== undefined && views[0]?.exists === false) {
    throw new TsoError('NOT_FOUND', `there is no stack ${stack}`, { hint: 'tso ls lists the stacks.' });
  }
  return views.flatMap(({ services }) => services);
};

/** Full names and ids mean one service wherever it is; others are looked for in this order. */
const matches = (services: readonly ServiceView[], name: string): readonly ServiceView[] => {
  const exact = services.filter((view) => view.service.id === name || qualified(view) === name);
  if (exact.length > 0) return exact;
  const named = services.filter((view) => view.service.spec.name === name);
  return named.length > 0 ? named : services.filter((view) => name.length >= 4 && view.service.id.startsWith(name));
};

const listed = (services: readonly ServiceView[]): string => services.map(qualified).join(', ');

/** The one service that a name means: its id, STACK_SERVICE, or its name alone while that is plain. */
export const findService = (services: readonly ServiceView[], name: string, folderStack: string | undefined): ServiceView => {
  const found = matches(services, name);
  const here = found.filter(({ service }) => service.stack === folderStack);
  const [only] = here.length === 1 ? here : found;
  if (only === undefined) {
    const hint =
      services.length === 0
        ? 'There is none yet.'
        : services.length <= 20
          ? `There are: ${listed(services)}.`
          : 'tso service ls lists them.';
    throw new TsoError('NOT_FOUND', `there is no service ${name}`, { hint });
  }
  if (found.length > 1 && here.length !== 1) {
    throw new TsoError('INVALID_ARGUMENT', `${name} means several services: ${listed(found)}`, {
      hint: 'Write the whole of one of these names, or name the stack with -p.',
    });
  }
  return only;
};

/** Looks services up by what a person calls them. Without -p they may be of any stack; that of the folder is meant first. */
export const serviceFinder = async (io: Io, control: ControlClient, options: SelectionOptions): Promise<(name: string) => ServiceView> => {
  const selection = await selectStack(options, io);
  const only = selection === undefined || selection.source === 'file' ? undefined : selection.name;
  const services = await allServices(control, only);
  return (name) => findService(services, name, selection?.name);
};

/** The services that were named, each once. */
export const namedServices = async (
  io: Io,
  control: ControlClient,
  options: SelectionOptions,
  names: readonly string[],
): Promise<readonly ServiceView[]> => [...new Set(names.map(await serviceFinder(io, control, options)))];

/** By stack, in the order in which they were named. */
export const byStack = <T>(items: readonly T[], stackOf: (item: T) => string): ReadonlyMap<string, readonly T[]> => {
  const groups = new Map<string, T[]>();
  for (const item of items) groups.set(stackOf(item), [...(groups.get(stackOf(item)) ?? []), item]);
  return groups;
};
