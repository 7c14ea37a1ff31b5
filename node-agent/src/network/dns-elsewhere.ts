import { type DnsQuery, emptyAnswer, type PreparedAnswer, recordTypes, responseCodes } from './dns-message.ts';
import { labelCount } from './dns-name.ts';
import { isOnNetwork, type NameTable } from './dns-records.ts';
import type { NameScope } from './dns-scope.ts';
import { isLoopback, plainAddress, type ResolvConf } from './resolv-conf.ts';

/** Zone transfers and what else is no question for one name (RFC 5936; RFC 1035, 3.2.3); `any` is one. */
const isTransfer = (type: number): boolean => type >= 249 && type < recordTypes.any;

const noSuchName = emptyAnswer(responseCodes.noSuchName);
const nobodyToAsk = emptyAnswer(responseCodes.serverFailure);

/**
 * Who is asked for a name that is not ours, in this order; or the answer, when nobody may be.
 *
 * - From internal networks alone only resolvers that the task named and that are on those networks themselves: anything else would be a way out, by
 *   the host, for whatever fits into a name (Docker learned that as CVE-2024-29018).
 * - Single labels are asked elsewhere as well, as the engine does: the host's resolvers may know the machines of the local network by them. Not for
 *   a task that wishes `ndots` above 0: its library completes them.
 * - A loopback address that a task named means the task itself, where the host cannot ask; of the host it means the host.
 * - An address on a network that the task is not on is not asked: the host, which asks, is on all of them.
 * - Who named resolvers is never answered by the host's instead: they may know other names, and see what was meant for the named ones.
 *
 * From internal networks NXDOMAIN rather than a failure: libraries go on with the next name at once instead of asking again. Where resolvers were named
 * and none may be asked, a failure: whether the name exists was not found out.
 *
 * @param turn a number that grows: with `options rotate` on the host the next resolver is first
 */
export const elsewhere = (
  asker: {
    readonly scope: NameScope;
    readonly servers: readonly string[];
    readonly completesNames: boolean;
    /** Networks of this host where it may not speak to whom it likes. */
    readonly strange: readonly NameTable[];
  },
  query: Pick<DnsQuery, 'key' | 'type' | 'internet'>,
  host: ResolvConf,
  turn: number,
): readonly string[] | PreparedAnswer => {
  if (!query.internet || isTransfer(query.type)) return emptyAnswer(responseCodes.refused);
  const isAddressType = query.type === recordTypes.a || query.type === recordTypes.aaaa;
  if (asker.completesNames && isAddressType && labelCount(query.key) === 1) return noSuchName;
  const isOn = (tables: readonly NameTable[], server: string): boolean => tables.some((table) => isOnNetwork(table, plainAddress(server)));
  const mayAsk = (server: string): boolean =>
    plainAddress(server) !== '' && !isLoopback(plainAddress(server)) && !isOn(asker.strange, server);
  const wished = asker.servers.filter(mayAsk);
  if (asker.scope.isInternal) {
    const near = wished.filter((server) => isOn(asker.scope.tables, server));
    return near.length > 0 ? near : noSuchName;
  }
  if (asker.servers.length > 0) return wished.length > 0 ? wished : nobodyToAsk;
  const first = host.options.includes('rotate') ? turn % host.servers.length : 0;
  return [...host.servers.slice(first), ...host.servers.slice(0, first)];
};
