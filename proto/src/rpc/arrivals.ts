import type { Socket } from 'node:net';
import type { Clock } from '../ports.ts';
import { Crowds, crowdNameOf } from './crowds.ts';
import { firstWord, type Sort } from './first-word.ts';

export interface ArrivalLimits {
  /** From the connection to its first word, and from the beginning of TLS to its end. */
  readonly arriveWithinMs: number;
  /** In the line between the two; it moves on much faster unless somebody holds it up. */
  readonly waitWithinMs: number;
  /** Connections whose TLS is not done yet; most of them wait for their turn, and cost little. */
  readonly arriving: number;
  /** Of those the ones of one address, behind which there may be a whole site. */
  readonly arrivingOfOne: number;
  /** When there are that many, one that has said nothing for this long gives way to a new one. */
  readonly giveWayAfterMs: number;
  /** TLS handshakes under way; they take memory. */
  readonly handshakes: number;
  /** Of those the ones of one address: whoever stops in the middle of all of its own leaves room for others. */
  readonly handshakesOfOne: number;
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
  readonly name: string;
  /** By what it is counted together with others. */
  readonly from: string;
  readonly socket: Socket;
  readonly peer: string;
  readonly sinceMs: number;
  phase: 'silent' | 'waiting' | 'handshake';
  sort: Sort;
  cancelDeadline: () => void;
}

/** Both ends of a connection; the TLS socket has them from the socket that it was made of. */
const nameOf = ({ remoteAddress, remotePort, localAddress, localPort }: Socket): string =>
  `${remoteAddress} ${remotePort} ${localAddress} ${localPort}`;

/**
 * Connections that have not proved themselves. After a leader was lost thousands of agents come at once: they wait in line, begin a few
 * at a time, and none is sent away that only waits while there is room. Who says nothing, or half of a handshake, holds a place for a
 * bounded time; who does so many times over takes places from its own address first.
 */
export class Arrivals {
  readonly #limits: ArrivalLimits;
  readonly #ports: ArrivalsPorts;
  /** The longest here first. */
  readonly #all = new Map<string, Arrival>();
  readonly #crowds = new Crowds<Arrival>();
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
    const from = socket.remoteAddress === undefined ? undefined : crowdNameOf(socket.remoteAddress);
    if (from === undefined || !this.#makeRoom(from)) {
      this.#ports.refused(peer, 'too many connections that have not proved themselves');
      this.#ports.gone();
      socket.destroy();
      return;
    }
    const sinceMs = this.#ports.clock.monotonic();
    this.#enter({ name: nameOf(socket), from, socket, peer, sinceMs, phase: 'silent', sort: 'member', cancelDeadline: () => undefined });
  }

  #enter(arrival: Arrival): void {
    const { name, from, socket } = arrival;
    this.#all.set(name, arrival);
    this.#crowds.enter(from, arrival);
    this.#expect(arrival, this.#limits.arriveWithinMs);
    socket.once('close', () => {
      if (this.#all.get(name) === arrival) this.#lose(arrival);
    });
    firstWord(socket, (sort) => {
      if (this.#all.get(name) !== arrival) return;
      if (sort === undefined) return this.#giveUp(arrival, 'it speaks no TLS');
      arrival.phase = 'waiting';
      arrival.sort = sort;
      this.#expect(arrival, this.#limits.waitWithinMs);
      this.#crowds.wait(from, arrival);
      this.#beginNext();
    });
  }

  /** Its TLS is done; it is none of those any more. False: it was given up meanwhile. */
  arrived(socket: Socket): boolean {
    const arrival = this.#all.get(nameOf(socket));
    if (arrival !== undefined) this.#forget(arrival);
    return arrival !== undefined;
  }

  cut(): void {
    this.#cancelTurn?.();
    this.#crowds.clearLine();
    for (const { socket } of [...this.#all.values()]) socket.destroy();
  }

  /** In its phase it has that long; the deadline of the one before does not count any more. */
  #expect(arrival: Arrival, withinMs: number): void {
    arrival.cancelDeadline();
    arrival.cancelDeadline = this.#ports.clock.setTimer(withinMs, () => this.#giveUp(arrival, 'it took too long'));
  }

  #beginNext(): void {
    const { handshakes, handshakesOfOne, atOnce, arriveWithinMs } = this.#limits;
    while (this.#handshakes < handshakes && this.#begun < atOnce) {
      const arrival = this.#crowds.next(handshakesOfOne);
      if (arrival === undefined) return;
      arrival.phase = 'handshake';
      this.#handshakes += 1;
      this.#begun += 1;
      this.#expect(arrival, arriveWithinMs);
      this.#ports.begin(arrival.sort, arrival.socket);
    }
    if (this.#cancelTurn !== undefined || this.#begun < atOnce) return;
    this.#cancelTurn = this.#ports.clock.setTimer(0, () => {
      this.#cancelTurn = undefined;
      this.#begun = 0;
      this.#beginNext();
    });
  }

  /** Whether there is room for one more of that address, if need be because another one has given way. */
  #makeRoom(from: string): boolean {
    const { arriving, arrivingOfOne } = this.#limits;
    if (this.#crowds.of(from).size >= arrivingOfOne && !this.#silentGivesWay(this.#crowds.of(from))) return false;
    return this.#all.size < arriving || this.#crowdGivesWay(from) || this.#silentGivesWay(this.#all.values());
  }

  /** Whoever takes most of the room gives some of it to one that has less. */
  #crowdGivesWay(from: string): boolean {
    const { largest } = this.#crowds;
    if (largest.size <= this.#crowds.of(from).size + 1) return false;
    for (const arrival of largest) {
      if (arrival.phase === 'handshake') continue;
      this.#giveUp(arrival, 'it gave way to others, as one of very many from one address');
      return true;
    }
    return false;
  }

  #silentGivesWay(arrivals: Iterable<Arrival>): boolean {
    for (const arrival of arrivals) {
      if (this.#ports.clock.monotonic() - arrival.sinceMs < this.#limits.giveWayAfterMs) return false;
      if (arrival.phase !== 'silent') continue;
      this.#giveUp(arrival, 'it gave way to others, having said nothing');
      return true;
    }
    return false;
  }

  #giveUp(arrival: Arrival, reason: string): void {
    this.#ports.refused(arrival.peer, reason);
    this.#lose(arrival);
    arrival.socket.destroy();
  }

  #lose(arrival: Arrival): void {
    this.#forget(arrival);
    this.#ports.gone();
  }

  #forget(arrival: Arrival): void {
    arrival.cancelDeadline();
    this.#all.delete(arrival.name);
    this.#crowds.leave(arrival.from, arrival);
    if (arrival.phase !== 'handshake') return;
    this.#handshakes -= 1;
    this.#beginNext();
  }
}
