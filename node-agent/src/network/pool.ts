import { type Cidr, formatCidr, overlaps, parseCidr, TsoError } from '@tso/proto';
import { jsonObjects, stringField } from './json.ts';
import { fnv1a } from './names.ts';

const poolPrefix = 12;
const poolCount = 16;
const firstPool = 10 * 2 ** 24;
const poolSize = 2 ** (32 - poolPrefix);

const poolAt = (index: number): Cidr => ({ base: firstPool + (index % poolCount) * poolSize, prefix: poolPrefix });

/**
 * A /12 of 10.0.0.0/8 that overlaps no route of this host, as `10.32.0.0/12`. The seed (the cluster's id) says where the search begins, so that
 * clusters on hosts which cannot see each other's routes seldom choose the same one. `routesJson` is the output of
 * `ip -json route show table all`. RESOURCE_EXHAUSTED when every /12 is in use.
 */
export const choosePool = (routesJson: string, preferredSeed: string): string => {
  const taken = jsonObjects(routesJson)
    .map((route) => stringField(route, 'dst'))
    .filter((destination) => destination !== 'default')
    // One host's route is shown without a prefix.
    .map((destination) => parseCidr(destination.includes('/') ? destination : `${destination}/32`))
    .filter((cidr) => cidr !== undefined)
    .filter((cidr) => cidr.prefix > 0);
  const start = fnv1a(preferredSeed) % poolCount;
  for (let step = 0; step < poolCount; step++) {
    const candidate = poolAt(start + step);
    if (!taken.some((cidr) => overlaps(cidr, candidate))) return formatCidr(candidate);
  }
  throw new TsoError('RESOURCE_EXHAUSTED', 'no /12 of 10.0.0.0/8 is free: every one overlaps a route of this host', {
    hint: 'Name a free range for the containers: tso init --address-pool CIDR',
  });
};
