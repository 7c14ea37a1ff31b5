import { PortProtocol, type TaskView } from '@tso/proto';

const protocols: Readonly<Record<string, PortProtocol>> = { tcp: PortProtocol.TCP, udp: PortProtocol.UDP, sctp: PortProtocol.SCTP };

export interface WantedPort {
  /** 0: what was typed is no port. */
  readonly port: number;
  readonly protocol: string;
}

/** `80`, `53/udp`; the protocol is tcp unless said. */
export const parsePort = (text: string, protocol: string | undefined): WantedPort => {
  const [, digits = '', named] = /^(\d{1,5})(?:\/([a-z]+))?$/.exec(text) ?? [];
  const chosen = named ?? protocol ?? 'tcp';
  const port = Number(digits);
  return { port: protocols[chosen] === undefined || port > 65_535 ? 0 : port, protocol: chosen };
};

/** Where one port of a task is reached. Field names are a contract. */
export interface PortRow {
  readonly stack: string;
  readonly service: string;
  readonly slot: number;
  readonly taskId: string;
  readonly node: string;
  readonly target: number;
  readonly protocol: string;
  /** `0.0.0.0`: every address of the node. */
  readonly address: string;
  readonly port: number;
}

const bracketed = (address: string): string => (address.includes(':') ? `[${address}]` : address);

/** All that the task publishes of that port, in the order of its service. */
export const publishedAddresses = ({ task, node }: TaskView, { port, protocol }: WantedPort): readonly PortRow[] =>
  task.ports
    .filter((one) => one.target === port && one.protocol === protocols[protocol] && one.published !== 0)
    .map((one) => ({
      stack: task.stack,
      service: task.serviceName,
      slot: task.slot,
      taskId: task.id,
      node,
      target: port,
      protocol,
      address: one.hostIp === '' ? '0.0.0.0' : bracketed(one.hostIp),
      port: one.published,
    }));
