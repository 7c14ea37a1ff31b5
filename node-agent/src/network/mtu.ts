import { TsoError } from '@tso/proto';

/** IPv4 20, UDP 8, VXLAN 8 and the inner Ethernet header 14 bytes (RFC 7348). */
export const vxlanOverheadBytes = 50;
/** IPv6 40, UDP 8, WireGuard 32 bytes: what its own tools leave for it, whichever family it runs over (wg-quick(8)). */
export const tunnelOverheadBytes = 80;
/** The least that a link of IPv6 may have (RFC 8200, 5); the kernel takes IPv6 from a device with less. */
export const leastMtu6 = 1280;
/** The least that every IPv4 host takes without fragments (RFC 791, 3.2). */
const leastMtu = 68;
const mostMtu = 65_535;

export interface MtuWish {
  readonly network: string;
  readonly driver: 'overlay' | 'bridge' | 'macvlan';
  readonly encrypted: boolean;
  readonly ipv6: boolean;
  /** As the user wrote it; undefined: whatever fits. */
  readonly text: string | undefined;
}

export interface Mtu {
  /** 0: the parent's own (macvlan). */
  readonly mtu: number;
  /** A sentence when it is not as the user wrote it; else empty. */
  readonly remark: string;
}

const requireMtu = ({ network, text = '' }: MtuWish): number => {
  const number = /^\d{2,5}$/.test(text) ? Number(text) : 0;
  if (number >= leastMtu && number <= mostMtu) return number;
  throw new TsoError('INVALID_ARGUMENT', `mtu "${text}" of network ${network} is not a number from ${leastMtu} to ${mostMtu}`);
};

/** What a frame may have so that it leaves the host in one piece. With `bridge` nothing is wrapped, but what goes out must fit the way out. */
const fitting = ({ driver, encrypted }: MtuWish, underlayMtu: number): number =>
  driver === 'bridge' ? underlayMtu : underlayMtu - vxlanOverheadBytes - (encrypted ? tunnelOverheadBytes : 0);

/**
 * Of a network's devices, in bytes. INVALID_ARGUMENT: what the user wrote is no such number; FAILED_PRECONDITION: too little for IPv6, which the
 * network is to have.
 */
export const networkMtu = (wish: MtuWish, underlayMtu: number): Mtu => {
  const wished = wish.text === undefined ? undefined : requireMtu(wish);
  const most = wish.driver === 'macvlan' ? (wished ?? 0) : fitting(wish, underlayMtu);
  const mtu = Math.min(wished ?? most, most);
  if (wish.ipv6 && mtu !== 0 && mtu < leastMtu6) {
    throw new TsoError('FAILED_PRECONDITION', `network ${wish.network} has an MTU of ${mtu} here, and IPv6 needs ${leastMtu6}`, {
      hint:
        mtu === wished
          ? `Give it an mtu of at least ${leastMtu6}, or no IPv6`
          : `Raise the MTU between the hosts (${underlayMtu} on this one), or take IPv6 from the network`,
    });
  }
  const remark =
    wished === undefined || mtu === wished
      ? ''
      : `network ${wish.network} has an MTU of ${mtu} here instead of ${wished}, since this host's own is ${underlayMtu}`;
  return { mtu, remark };
};
