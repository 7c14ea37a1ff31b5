import { type Service, TsoError } from '@tso/proto';
import { serviceNamed } from '../rules/dependencies.ts';
import type { View } from '../store/view.ts';

const missing = (message: string): TsoError =>
  new TsoError('NOT_FOUND', message, { hint: 'tso ls lists the stacks, tso ps their services' });

/** A service of the stack. NOT_FOUND: there is none of that name, or it is being removed. */
export const chosenService = (view: View, stack: string, name: string): Service => {
  const service = serviceNamed(view, stack, name);
  if (service !== undefined) return service;
  const isGoing = view.servicesOfStack(stack).some((each) => each.removing && each.spec.name === name);
  if (isGoing) throw missing(`service ${name} of stack ${stack} is being removed`);
  checkStack(view, stack);
  throw missing(`stack ${stack} has no service ${name}`);
};

const checkStack = (view: View, stack: string): void => {
  if (view.stackByName(stack) === undefined && view.servicesOfStack(stack).every(({ removing }) => removing))
    throw missing(`there is no stack ${stack}`);
};

/** The stack's services of these names, each once, in their order; all that are not being removed, by name, where none is named. NOT_FOUND: no such stack or service. */
export const chosenServices = (view: View, stack: string, names: readonly string[]): readonly Service[] => {
  checkStack(view, stack);
  if (names.length > 0) return [...new Set(names)].map((name) => chosenService(view, stack, name));
  const all = view.servicesOfStack(stack).filter(({ removing }) => !removing);
  return all.toSorted((a, b) => (a.spec.name < b.spec.name ? -1 : 1));
};
