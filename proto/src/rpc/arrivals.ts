import type { Socket } from 'node:net';
import type { Clock } from '../ports.ts';
import { firstWord, type Sort } from './first-word.ts';

export interface ArrivalLimits {
  /** From the connection to its first word, and from the beginning of TLS to its end. */
  readonly arriveWithinMs: number;
  /** Connections whose TLS is not done yet; most of them wait for their turn, and cost little. */
  readonly arriving: number;
  /** When there are that many, one that has said nothing for this long gives way to a new one. */
  readonly giveWayAfterMs: number;
  /** TLS handshakes under way; they take memory. */
  readonly handshakes: number;
  /** Handshakes that begin before others have a turn on the event loop: half a millisecond each. */
  readonly atOnce: number;
}

export interface ArrivalsPorts {
  readonly clock: Clock;
  /** Begins TLS; who asked for it says so by `arrived` or by closing the connection. */
  readonly begin: (sort: Sort, socket: Socket) => void;
  readonly refused: (peer: string, reason: string) => void;
  /** One that has not arrived is no more, for whatever reason: once for each. */
  readonly gone: () => void;
}

interface Arrival {
  readonly socket: Socket;
  readonly peer: string;
  readonly sinceMs: number;
  phase: 'silent' | 'waiting' | 'handshake';
  cancelDeadline: () => void;
}

/** Both ends of a connection; the TLS socket has them from the socket that it was made of. */
const nameOf = ({ remoteAddress, remotePort, localAddress, localPort }: Socket): string =>
  `${remoteAddress} ${remotePort} ${localAddress} ${localPort}`;

/**
 * Connections that have not proved themselves. After a leader was lost thousands of agents come at once: they wait in line, begin a few
 * at a time, and none is sent away that only waits. Who says nothing, or half of a handshake, holds a place for a bounded time.
 */
export class Arrivals {
  readonly #limits: ArrivalLimits;
  readonly #ports: ArrivalsPorts;
  /** The longest here first. */
  readonly #all = new Map<string, Arrival>();
  readonly #line: { readonly name: string; readonly sort: Sort }[] = [];
  #handshakes = 0;
  #begun = 0;
  #cancelTurn: (() => void) | undefined;

  constructor(limits: ArrivalLimits, ports: ArrivalsPorts) {
    this.#limits = limits;
    this.#ports = ports;
  }

  get size(): number {
    return this.#all.size;
  }

  get handshakes(): number {
    return this.#handshakes;
  }

  add(socket: Socket): void {
    // Without a listener, a caller that resets its connection would end the process; the close that follows is handled.
    socket.on('error', () => undefined);
    const peer = `${socket.remoteAddress}:${socket.remotePort}`;
    // Undefined: it has gone already.
    if (socket.remoteAddress === undefined || !this.#makeRoom()) {
      this.#ports.refused(peer, 'too many connections that have not proved themselves');
      this.#ports.gone();
      socket.destroy();
      return;
    }
    const name = nameOf(socket);
    const arrival: Arrival = { socket, peer, sinceMs: this.#ports.clock.monotonic(), phase: 'silent', cancelDeadline: () => undefined };
    this.#all.set(name, arrival);
    this.#expect(name, arrival);
    socket.once('close', () => {
      if (this.#all.get(name) === arrival) this.#lose(name, arrival);
    });
    firstWord(socket, (sort) => {
      arrival.cancelDeadline();
      if (sort === undefined) return this.#giveUp(name, arrival, 'it speaks no TLS');
      arrival.phase = 'waiting';
      this.#line.push({ name, sort });
      this.#beginNext();
    });
  }

  /** Its TLS is done; it is none of those any more. False: it was given up meanwhile. */
  arrived(socket: Socket): boolean {
    const name = nameOf(socket);
    const arrival = this.#all.get(name);
    if (arrival !== undefined) this.#forget(name, arrival);
    return arrival !== undefined;
  }

  cut(): void {
    this.#cancelTurn?.();
    this.#line.length = 0;
    for (const { socket } of [...this.#all.values()]) socket.destroy();
  }

  #expect(name: string, arrival: Arrival): void {
    arrival.cancelDeadline = this.#ports.clock.setTimer(this.#limits.arriveWithinMs, () => {
      this.#giveUp(name, arrival, 'it took too long');
    });
  }

  #beginNext(): void {
    const { handshakes, atOnce } = this.#limits;
    while (this.#handshakes < handshakes && this.#begun < atOnce) {
      const next = this.#line.shift();
      if (next === undefined) return;
      const arrival = this.#all.get(next.name);
      // It has gone while it waited.
      if (arrival?.phase !== 'waiting') continue;
      arrival.phase = 'handshake';
      this.#handshakes += 1;
      this.#begun += 1;
      this.#expect(next.name, arrival);
      this.#ports.begin(next.sort, arrival.socket);
    }
    if (this.#cancelTurn !== undefined || this.#begun < atOnce) return;
    this.#cancelTurn = this.#ports.clock.setTimer(0, () => {
      this.#cancelTurn = undefined;
      this.#begun = 0;
      this.#beginNext();
    });
  }

  #makeRoom(): boolean {
    if (this.#all.size < this.#limits.arriving) return true;
    for (const [name, arrival] of this.#all) {
      if (this.#ports.clock.monotonic() - arrival.sinceMs < this.#limits.giveWayAfterMs) return false;
      if (arrival.phase !== 'silent') continue;
      this.#giveUp(name, arrival, 'it gave way to others, having said nothing');
      return true;
    }
    return false;
  }

  #giveUp(name: string, arrival: Arrival, reason: string): void {
    this.#ports.refused(arrival.peer, reason);
    this.#lose(name, arrival);
    arrival.socket.destroy();
  }

  #lose(name: string, arrival: Arrival): void {
    this.#forget(name, arrival);
    this.#ports.gone();
  }

  #forget(name: string, arrival: Arrival): void {
    arrival.cancelDeadline();
    this.#all.delete(name);
    if (arrival.phase !== 'handshake') return;
    this.#handshakes -= 1;
    this.#beginNext();
  }
}
