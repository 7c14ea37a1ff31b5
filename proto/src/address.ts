import { TsoError } from './errors.ts';

/** Where managers listen, for members and joiners, unless they are told otherwise; `tso`'s own number. */
export const memberPort = 2478;

/** Where something listens: an address of a host, or its name, and a port. */
export interface HostPort {
  /** Without brackets. */
  readonly host: string;
  readonly port: number;
}

const forms = [/^\[(?<host>[0-9A-Fa-f:.]+)\](?::(?<port>\d{1,5}))?$/, /^(?<host>[^:[\]/\s,]+)(?::(?<port>\d{1,5}))?$/];

/**
 * The parts of `192.0.2.1:2478`, `[2001:db8::1]:2478` or `name:2478`. INVALID_ARGUMENT: it is none of these.
 * @param defaultPort of an address without one; without it an address must have one
 */
export const parseHostPort = (address: string, defaultPort?: number): HostPort => {
  const groups = forms.map((form) => form.exec(address)?.groups).find((it) => it !== undefined);
  const port = groups?.port === undefined ? defaultPort : Number(groups.port);
  if (groups?.host === undefined || port === undefined || port > 65_535) {
    throw new TsoError('INVALID_ARGUMENT', `${address} is not a network address`, {
      hint: 'Write it as 192.0.2.1:2478, [2001:db8::1]:2478 or name:2478',
      details: { address },
    });
  }
  return { host: groups.host, port };
};

export const formatHostPort = ({ host, port }: HostPort): string => `${host.includes(':') ? `[${host}]` : host}:${port}`;
