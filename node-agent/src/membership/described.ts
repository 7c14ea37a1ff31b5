import type { NodeDescription } from '@tso/proto';
import type { HostFeatures } from '../host-features.ts';
import type { TunnelKey } from '../network/types.ts';

/** What is told of one host at most: whoever needs more looks there. */
const mostTroubles = 20;
const longestTrouble = 500;

/** On one line: what programs say has several, and a manager refuses control characters. */
const plain = (text: string): string => text.replaceAll(/[\p{Cc}\s]+/gu, ' ').slice(0, longestTrouble);

/** What a node says of itself: what its host is and can do, what others need to reach it through a tunnel, and what is not as wished there. */
export const described = (
  host: NodeDescription,
  key: TunnelKey | undefined,
  troubles: readonly string[],
  features: HostFeatures,
): NodeDescription => ({
  ...host,
  ...features,
  wireguardKey: key?.publicKey ?? '',
  wireguardPort: key?.port ?? 0,
  wireguardGeneration: key?.generation ?? 0,
  troubles: [...new Set(troubles.map(plain))].toSorted().slice(0, mostTroubles),
});
