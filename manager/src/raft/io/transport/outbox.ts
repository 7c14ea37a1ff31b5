import { entriesSize, type Message } from '../../core/index.ts';
import type { TransportLimits } from './limits.ts';

type OutboxLimits = Pick<TransportLimits, 'packetBytes' | 'packetMessages' | 'mixedPacketBytes' | 'queuedMessages' | 'queuedBytes'>;

/** About what a message without entries takes on the wire. */
const headBytes = 64;

/** About what it takes on the wire. */
export const messageBytes = (message: Message): number => headBytes + message.context.length + entriesSize(message.entries);

/**
 * Appends keep their order among each other: one that overtakes another is rejected and costs a round trip. All else may pass them,
 * so that a heartbeat or a vote does not wait for megabytes.
 */
const isBulk = ({ type }: Message): boolean => type === 'MsgApp' || type === 'MsgProp';

interface Waiting {
  readonly message: Message;
  readonly bytes: number;
}

/** A queue whose front moves instead of its contents. */
class Lane {
  #items: (Waiting | undefined)[] = [];
  #front = 0;
  bytes = 0;

  get length(): number {
    return this.#items.length - this.#front;
  }

  push(item: Waiting): void {
    this.#items.push(item);
    this.bytes += item.bytes;
  }

  /** The first one, if it has no more than so many bytes. */
  shiftWithin(bytes: number): Waiting | undefined {
    const item = this.#items[this.#front];
    if (item === undefined || item.bytes > bytes) return undefined;
    this.#items[this.#front] = undefined;
    this.#front += 1;
    this.bytes -= item.bytes;
    if (this.#front === this.#items.length) {
      this.#items = [];
      this.#front = 0;
    } else if (this.#front >= 1_024) {
      this.#items = this.#items.slice(this.#front);
      this.#front = 0;
    }
    return item;
  }

  clear(): void {
    this.#items = [];
    this.#front = 0;
    this.bytes = 0;
  }
}

/** What waits to be sent to one peer, bounded; hands it out packet by packet. */
export class Outbox {
  readonly #limits: OutboxLimits;
  readonly #urgent = new Lane();
  readonly #bulk = new Lane();

  constructor(limits: OutboxLimits) {
    this.#limits = limits;
  }

  get length(): number {
    return this.#urgent.length + this.#bulk.length;
  }

  /** False: it is full, and the message is not in it. What is urgent has room of its own. */
  push(message: Message): boolean {
    const lane = isBulk(message) ? this.#bulk : this.#urgent;
    const bytes = messageBytes(message);
    const { queuedMessages, queuedBytes } = this.#limits;
    if (lane.length >= queuedMessages || (lane.length > 0 && lane.bytes + bytes > queuedBytes)) return false;
    lane.push({ message, bytes });
    return true;
  }

  /** The messages of the next packet, none when nothing waits: what is urgent first, and appends with it when they are small. */
  take(): readonly Message[] {
    const { packetBytes, packetMessages, mixedPacketBytes } = this.#limits;
    const packet: Message[] = [];
    let bytes = 0;
    const fill = (lane: Lane, upTo: number): void => {
      while (packet.length < packetMessages) {
        const item = lane.shiftWithin(packet.length === 0 ? Number.POSITIVE_INFINITY : upTo - bytes);
        if (item === undefined) return;
        packet.push(item.message);
        bytes += item.bytes;
      }
    };
    fill(this.#urgent, packetBytes);
    fill(this.#bulk, packet.length === 0 ? packetBytes : mixedPacketBytes);
    return packet;
  }

  /** How many were in it. */
  clear(): number {
    const count = this.length;
    this.#urgent.clear();
    this.#bulk.clear();
    return count;
  }
}
