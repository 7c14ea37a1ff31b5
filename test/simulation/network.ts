import type { Agenda } from './agenda.ts';
import type { Chance } from './chance.ts';
import type { Message, NodeId } from './core-door.ts';
import type { Coverage } from './coverage.ts';

interface Weather {
  readonly drop: number;
  readonly duplicate: number;
  /** Milliseconds of the slowest message: the spread is what reorders them. */
  readonly slowest: number;
}

export const calm: Weather = { drop: 0, duplicate: 0, slowest: 10 };

const archiveSize = 256;

const linkOf = (from: NodeId, to: NodeId): string => `${from}>${to}`;

/** Links between all nodes, each direction of its own; messages overtake each other as their delays fall. */
export class Network {
  weather: Weather = calm;
  private readonly cut = new Set<string>();
  /** What a clogged link holds back, in order. */
  private readonly clogged = new Map<string, Message[]>();
  private readonly archive: Message[] = [];
  private readonly agenda: Agenda;
  private readonly chance: Chance;
  private readonly coverage: Coverage;
  private readonly deliver: (message: Message) => void;
  private readonly lost: (message: Message) => void;

  constructor(agenda: Agenda, chance: Chance, coverage: Coverage, deliver: (message: Message) => void, lost: (message: Message) => void) {
    this.agenda = agenda;
    this.chance = chance;
    this.coverage = coverage;
    this.deliver = deliver;
    this.lost = (message) => {
      coverage.add('messages lost');
      lost(message);
    };
  }

  send(message: Message): void {
    const { chance, weather } = this;
    this.archive[chance.below(archiveSize)] = message;
    if (this.isCut(message.from, message.to) || chance.happens(weather.drop)) {
      this.agenda.plan(chance.between(1, 50), () => this.lost(message));
      return;
    }
    this.plan(message);
    if (!chance.happens(weather.duplicate)) return;
    this.coverage.add('messages repeated');
    this.plan(message);
  }

  private plan(message: Message): void {
    const held = this.clogged.get(linkOf(message.from, message.to));
    if (held !== undefined) {
      held.push(message);
      return;
    }
    this.agenda.plan(1 + this.chance.below(this.weather.slowest), () => {
      if (this.isCut(message.from, message.to)) this.lost(message);
      else this.deliver(message);
    });
  }

  /** A message of long ago arrives again. */
  replay(): void {
    const old = this.archive.filter((message) => message !== undefined);
    const message = this.chance.pick(old);
    if (message === undefined) return;
    this.coverage.add('messages repeated');
    this.plan(message);
  }

  isCut(from: NodeId, to: NodeId): boolean {
    return this.cut.has(linkOf(from, to));
  }

  cutLink(from: NodeId, to: NodeId): void {
    this.cut.add(linkOf(from, to));
  }

  /** Holds all back for a while, then lets it through at once and in order. */
  clog(from: NodeId, to: NodeId, forMs: number): void {
    const link = linkOf(from, to);
    if (this.clogged.has(link)) return;
    this.clogged.set(link, []);
    this.agenda.plan(forMs, () => this.unclog(link));
  }

  private unclog(link: string): void {
    const held = this.clogged.get(link) ?? [];
    this.clogged.delete(link);
    for (const message of held)
      this.agenda.plan(1, () => {
        if (this.isCut(message.from, message.to)) this.lost(message);
        else this.deliver(message);
      });
  }

  heal(): void {
    this.cut.clear();
    for (const link of [...this.clogged.keys()]) this.unclog(link);
  }
}
