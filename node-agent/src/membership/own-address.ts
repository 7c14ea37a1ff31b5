import { lookup } from 'node:dns/promises';
import { type Logger, sentenceOf, TsoError } from '@tso/proto';
import { isAddress } from '../network/address.ts';
import { type Choice, chooseAddress, ownAddresses, sourceOf } from './addresses.ts';

export interface OwnAddressPorts {
  /** What `ip -json` prints with these arguments. */
  readonly ip: (args: readonly string[]) => Promise<string>;
  readonly logger: Logger;
}

/** An address that is nobody's (RFC 5737): the way to it is the default route. Nothing is sent there. */
const anywhere = '192.0.2.1';

/** By which address this host is known to others. */
export class OwnAddress {
  readonly #ports: OwnAddressPorts;

  constructor(ports: OwnAddressPorts) {
    this.#ports = ports;
  }

  /** The source address of the default route, or the only one there is. */
  async choose(): Promise<Choice> {
    const source = await this.#sourceTo(anywhere);
    return chooseAddress(source, source === undefined ? ownAddresses(await this.#ports.ip(['-4', 'address', 'show'])) : []);
  }

  /** The one that a host sees this one by; undefined: it cannot be told. NOT_FOUND: the name of that host has no address. */
  async towards(host: string): Promise<string | undefined> {
    return this.#sourceTo(isAddress(host) ? host : await addressOf(host));
  }

  async #sourceTo(address: string): Promise<string | undefined> {
    try {
      return sourceOf(await this.#ports.ip(['route', 'get', address]));
    } catch (error) {
      this.#ports.logger.debug({ address, error: sentenceOf(error) }, 'there is no route');
      return undefined;
    }
  }
}

const addressOf = async (host: string): Promise<string> => {
  try {
    return (await lookup(host, { family: 4 })).address;
  } catch (error) {
    throw new TsoError('NOT_FOUND', `the host ${host} has no IPv4 address: ${sentenceOf(error)}`, { cause: error });
  }
};
