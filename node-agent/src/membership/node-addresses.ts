import { formatHostPort, type Logger, memberPort, TsoError } from '@tso/proto';
import { ambiguous, type NodeAddresses, nodeAddresses, parseHostPort } from './addresses.ts';
import type { OwnAddress } from './own-address.ts';

/** What was said about addresses; empty: nothing. */
export interface AddressWish {
  readonly listenAddr: string;
  readonly advertiseAddr: string;
}

export interface AddressPorts {
  readonly own: Pick<OwnAddress, 'choose' | 'towards'>;
  readonly logger: Logger;
}

/** What a node of the default run directory listens at when nothing was said; others listen only when told: several may live on one machine. */
export const everywhere = formatHostPort({ host: '0.0.0.0', port: memberPort });
const loopback = '127.0.0.1';

/** The host of a listen address, when it is one that others could call. */
const listensAt = (listenAddr: string): string => {
  const { host } = parseHostPort(listenAddr, 'the listen address');
  return host === '0.0.0.0' || host.includes(':') ? '' : host;
};

/**
 * Where the first manager of a cluster listens and what others are told, from what was said: a door nobody asked for is not opened.
 * FAILED_PRECONDITION: this host has several addresses, and which one is the operator's to say.
 */
export const addressesForInit = async (
  { listenAddr, advertiseAddr }: AddressWish,
  { own, logger }: AddressPorts,
): Promise<NodeAddresses> => {
  if (listenAddr === '' && advertiseAddr === '') return { listenAddr: '', advertiseAddr: '' };
  const listen = listenAddr === '' ? everywhere : listenAddr;
  const said = advertiseAddr === '' ? listensAt(listen) : advertiseAddr;
  if (said !== '') return nodeAddresses(listen, said);
  const choice = await own.choose();
  if (choice.kind === 'ambiguous') throw ambiguous(choice.addresses);
  if (choice.kind === 'chosen') return nodeAddresses(listen, choice.address);
  logger.warn({}, 'this host has no address but loopback: no other host can join until the daemon is started with --advertise-addr');
  return nodeAddresses(listen, loopback);
};

/**
 * The same for a node that joins: it is known by the address that the manager sees it by, unless something else was said. It listens only
 * once it is a manager.
 */
export const addressesForJoin = async (
  { listenAddr, advertiseAddr }: AddressWish,
  remote: string,
  { own }: AddressPorts,
): Promise<NodeAddresses> => {
  const listen = listenAddr === '' ? everywhere : listenAddr;
  const said = advertiseAddr === '' ? listensAt(listen) : advertiseAddr;
  if (said !== '') return nodeAddresses(listen, said);
  const { host } = parseHostPort(remote, 'the remote address');
  const source = await own.towards(host);
  if (source !== undefined) return nodeAddresses(listen, source);
  throw new TsoError('FAILED_PRECONDITION', `this host has no IPv4 route to ${host}`, {
    hint: 'Check the address of the manager, or say by which address others reach this host: tso join --advertise-addr ADDRESS',
  });
};
