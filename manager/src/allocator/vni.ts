/** VXLAN network identifiers have 24 bits (RFC 7348, 5). */
const lastVni = 2 ** 24 - 1;

/** The lowest free VNI from `first` on; undefined when there is none. */
export const freeVni = (first: number, taken: readonly number[]): number | undefined => {
  const used = new Set(taken);
  for (let vni = first; vni <= lastVni; vni += 1) if (!used.has(vni)) return vni;
  return undefined;
};
