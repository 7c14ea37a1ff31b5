import type { ObjectChange } from '@tso/proto';
import type { View } from '../store/view.ts';

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** The other stacks that count on a network of this one: their files name it as external, or a service of theirs is on it. By name. */
export const stacksElsewhere = (view: View, network: string, stack: string): readonly string[] => {
  const naming = view.stacks().filter(({ spec }) => spec.networks.some((one) => one.external && one.name === network));
  const joined = view.services().filter(({ removing, spec }) => !removing && spec.task.networks.some((one) => one.network === network));
  const found = [...naming.map(({ name }) => name), ...joined.map((service) => service.stack)];
  return [...new Set(found)].filter((name) => name !== stack).sort(compare);
};

/** That the network stays although its stack wants it no longer: taking it from others would cut their tasks off. */
export const staysFor = (network: string, stacks: readonly string[]): ObjectChange => ({
  kind: 'network',
  name: network,
  action: 'none',
  changes: [{ path: 'users', from: '', to: `${stacks.length === 1 ? 'stack' : 'stacks'} ${stacks.join(', ')}` }],
});
