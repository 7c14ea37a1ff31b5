import type { Agenda } from './agenda.ts';
import type { Chance } from './chance.ts';
import type { Message, NodeId } from './core-door.ts';

interface Weather {
  readonly drop: number;
  readonly duplicate: number;
  /** Milliseconds of the slowest message: the spread is what reorders them. */
  readonly slowest: number;
}

export const calm: Weather = { drop: 0, duplicate: 0, slowest: 10 };

const archiveSize = 256;

/** Links between all nodes, each direction of its own; messages overtake each other as their delays fall. */
export class Network {
  weather: Weather = calm;
  private readonly cut = new Set<string>();
  private readonly clogged = new Set<string>();
  private readonly archive: Message[] = [];
  private readonly agenda: Agenda;
  private readonly chance: Chance;
  private readonly deliver: (message: Message) => void;
  private readonly lost: (message: Message) => void;

  constructor(agenda: Agenda, chance: Chance, deliver: (message: Message) => void, lost: (message: Message) => void) {
    this.agenda = agenda;
    this.chance = chance;
    this.deliver = deliver;
    this.lost = lost;
  }

  send(message: Message): void {
    const { chance, weather } = this;
    this.archive[chance.below(archiveSize)] = message;
    if (this.isCut(message.from, message.to) || chance.happens(weather.drop)) {
      this.agenda.plan(chance.between(1, 50), () => this.lost(message));
      return;
    }
    this.plan(message);
    if (chance.happens(weather.duplicate)) this.plan(message);
  }

  private plan(message: Message): void {
    const link = `${message.from}>${message.to}`;
    const clog = this.clogged.has(link) ? this.chance.between(500, 3000) : 0;
    this.agenda.plan(1 + this.chance.below(this.weather.slowest) + clog, () => {
      if (this.isCut(message.from, message.to)) this.lost(message);
      else this.deliver(message);
    });
  }

  /** A message of long ago arrives again. */
  replay(): void {
    const old = this.archive.filter((message) => message !== undefined);
    const message = this.chance.pick(old);
    if (message !== undefined) this.plan(message);
  }

  isCut(from: NodeId, to: NodeId): boolean {
    return this.cut.has(`${from}>${to}`);
  }

  cutLink(from: NodeId, to: NodeId): void {
    this.cut.add(`${from}>${to}`);
  }

  clog(from: NodeId, to: NodeId): void {
    this.clogged.add(`${from}>${to}`);
  }

  heal(): void {
    this.cut.clear();
    this.clogged.clear();
  }
}
