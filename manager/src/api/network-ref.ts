import { type Network, shortId, TsoError } from '@tso/proto';
import { isTunnels } from '../rules/network-kinds.ts';
import type { View } from '../store/view.ts';

/** At least so many characters of an id say which one is meant. */
const shortestPrefix = 3;

/** The networks that people see. */
export const shownNetworks = (view: View): readonly Network[] => view.networks().filter((network) => !isTunnels(network));

const ambiguous = (ref: string, networks: readonly Network[]): TsoError =>
  new TsoError(
    'INVALID_ARGUMENT',
    `${networks.length} network ids begin with ${ref}: ${networks
      .map(({ id, spec }) => `${shortId(id)} (${spec.name})`)
      .sort()
      .join(', ')}`,
    { hint: 'Give the name, or more characters of the id', details: { networks: networks.map(({ id }) => id) } },
  );

/**
 * The network that is meant: by its name, its id or the beginning of an id that means only one. Of two of one name, of which one is being removed,
 * the other. NOT_FOUND: none. INVALID_ARGUMENT: nothing was said, or more than one is meant; the message names them.
 */
export const networkOf = (view: View, ref: string): Network => {
  if (ref === '') throw new TsoError('INVALID_ARGUMENT', 'it was not said which network is meant', { hint: 'Give its name or id' });
  const exact = view.networkByName(ref) ?? view.network(ref);
  if (exact !== undefined && !isTunnels(exact)) return exact;
  const found = ref.length < shortestPrefix ? [] : shownNetworks(view).filter(({ id }) => id.startsWith(ref));
  const [only, second] = found;
  if (only === undefined)
    throw new TsoError('NOT_FOUND', `there is no network ${ref}`, { hint: 'tso network ls lists the networks', details: { name: ref } });
  if (second !== undefined) throw ambiguous(ref, found);
  return only;
};
