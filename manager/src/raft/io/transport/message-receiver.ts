import { type Clock, type RaftPacket, type RaftReceipt, TsoError } from '@tso/proto';
import type { NodeId } from '../../core/index.ts';
import type { TransportOwner } from '../ports.ts';
import { removedError, replacedError } from './greeting.ts';
import type { HushedLog } from './hushed-log.ts';
import type { TransportLimits } from './limits.ts';
import { fromWire } from './message-codec.ts';
import { StreamReader } from './stream-reader.ts';

export interface MessageReceiverPorts {
  readonly owner: Pick<TransportOwner, 'receive'>;
  readonly clock: Clock;
  readonly complaints: HushedLog;
}

/** Lets the sender in, or throws why not. */
export type Admit<Part> = (first: Part) => NodeId;

/** Takes in the streams of messages, one for each peer: a later one takes the place of the earlier. */
export class MessageReceiver {
  readonly #self: NodeId;
  readonly #limits: TransportLimits;
  readonly #ports: MessageReceiverPorts;
  readonly #greeting = new Set<StreamReader<RaftPacket>>();
  readonly #streams = new Map<NodeId, StreamReader<RaftPacket>>();
  /** Messages that the core could not make sense of. */
  malformed = 0;

  constructor(self: NodeId, limits: TransportLimits, ports: MessageReceiverPorts) {
    this.#self = self;
    this.#limits = limits;
    this.#ports = ports;
  }

  /** Serves one call: answers the hello with a receipt, then hands every message to the owner, in order. */
  async *receive(packets: AsyncIterable<RaftPacket>, admit: Admit<RaftPacket>): AsyncIterable<RaftReceipt> {
    const reader = new StreamReader(packets, this.#ports.clock);
    const from = await this.#greet(reader, admit);
    this.#streams.get(from)?.end(replacedError(from));
    this.#streams.set(from, reader);
    try {
      yield { applied: 0 };
      for (;;) {
        const next = await reader.next();
        if (next.done === true) return;
        this.#deliver(from, next.value);
      }
    } finally {
      if (this.#streams.get(from) === reader) this.#streams.delete(from);
    }
  }

  /** Breaks off the stream of a member that was removed. */
  expel(id: NodeId): void {
    this.#streams.get(id)?.end(removedError(id));
  }

  /** Breaks off all of them. */
  stop(error: TsoError): void {
    for (const reader of [...this.#greeting, ...this.#streams.values()]) reader.end(error);
  }

  async #greet(reader: StreamReader<RaftPacket>, admit: Admit<RaftPacket>): Promise<NodeId> {
    this.#greeting.add(reader);
    try {
      const ms = this.#limits.handshakeMs;
      const first = await reader.next({ ms, failure: () => new TsoError('DEADLINE_EXCEEDED', `no hello came within ${ms} ms`) });
      return admit(first.done === true ? {} : first.value);
    } finally {
      this.#greeting.delete(reader);
    }
  }

  #deliver(from: NodeId, packet: RaftPacket): void {
    if (packet.messages === undefined || packet.messages === null) {
      throw new TsoError('INVALID_ARGUMENT', `member ${from} sent a packet without messages behind its hello`);
    }
    for (const wire of packet.messages.messages) {
      if (wire.from !== from || wire.to !== this.#self) {
        throw new TsoError('INVALID_ARGUMENT', `a message from ${wire.from} to ${wire.to} came from member ${from} to ${this.#self}`);
      }
      const message = fromWire(wire);
      if (message.type === 'MsgSnap') throw new TsoError('INVALID_ARGUMENT', 'a MsgSnap comes with its contents, not among the messages');
      const result = this.#ports.owner.receive(message);
      if (!result.accepted && result.reason === 'malformed') this.#complain(from, message.type, result.why);
    }
  }

  #complain(from: NodeId, type: string, why: string): void {
    this.malformed += 1;
    this.#ports.complaints.warn(`malformed ${from}`, { member: from, type, why, count: this.malformed }, 'a message makes no sense');
  }
}
