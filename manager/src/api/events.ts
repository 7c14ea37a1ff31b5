import { type Clock, type ClusterEvent, type EventsRequest, TsoError } from '@tso/proto';
import type { Control as ControlService, Handlers } from '@tso/proto/rpc';
import { limits } from '../limits.ts';
import type { Applied, AppliedListener } from '../store/applied.ts';
import type { View } from '../store/view.ts';
import { eventsOfChange, filterKeys, passesFilters } from './event-of-change.ts';

export interface EventsPorts {
  readonly clock: Clock;
  readonly proposer: { readonly view: View };
  /** Aborted when the manager stops. */
  readonly stopping: AbortSignal;
  /** Calls with each transaction that this manager applies. */
  readonly onApplied: (listener: AppliedListener) => () => void;
}

/** Hears what comes; a listener that falls behind is told so, and no more. */
interface Follower {
  readonly held: ClusterEvent[];
  lost: boolean;
  wake: () => void;
}

/** The latest events since this manager was started, as many as there is room for, and whoever follows them. */
export class Events {
  readonly #ports: EventsPorts;
  #memory: ClusterEvent[] = [];
  readonly #followers = new Set<Follower>();

  /** Listens from now on, until the manager stops. */
  constructor(ports: EventsPorts) {
    this.#ports = ports;
    const end = ports.onApplied((applied) => this.#heard(applied));
    ports.stopping.addEventListener('abort', end, { once: true });
  }

  readonly handlers: Pick<Handlers<typeof ControlService>, 'events'> = {
    events: (request, context) => this.#events(request, AbortSignal.any([context.signal, this.#ports.stopping])),
  };

  #heard(applied: Applied | 'replaced'): void {
    const events = applied === 'replaced' ? [this.#gap()] : this.#eventsOf(applied);
    if (events.length === 0) return;
    this.#memory.push(...events);
    // Cut back now and then rather than with each event.
    if (this.#memory.length > limits.rememberedEvents * 2) this.#memory = this.#memory.slice(-limits.rememberedEvents);
    for (const follower of this.#followers) {
      if (follower.held.length + events.length > limits.heldEvents) follower.lost = true;
      else follower.held.push(...events);
      follower.wake();
    }
  }

  #eventsOf({ index, atMs, audit, changes }: Applied): readonly ClusterEvent[] {
    const hostname = (nodeId: string): string => this.#ports.proposer.view.node(nodeId)?.description.hostname ?? nodeId;
    return changes.flatMap((change) => eventsOfChange(change, { index, atMs, audit, hostname }));
  }

  /** This manager fell so far behind that it was sent the whole store: what happened in between it does not know. */
  #gap(): ClusterEvent {
    const { clock, proposer } = this.#ports;
    const id = proposer.view.cluster()?.id ?? '';
    return { atMs: clock.now(), version: proposer.view.index, kind: 'cluster', action: 'gap', id, name: '', attributes: {} };
  }

  /** INVALID_ARGUMENT: a filter that does not exist. RESOURCE_EXHAUSTED: the caller reads too slowly to hear all. */
  async *#events({ sinceMs, untilMs, filters, afterVersion }: EventsRequest, signal: AbortSignal): AsyncIterable<ClusterEvent> {
    const unknown = filters.find(({ key }) => !filterKeys.includes(key));
    if (unknown !== undefined)
      throw new TsoError('INVALID_ARGUMENT', `events have no filter ${unknown.key}`, { hint: `There are: ${filterKeys.join(', ')}` });
    const isLate = (event: ClusterEvent): boolean =>
      afterVersion === undefined ? sinceMs === undefined || event.atMs >= sinceMs : event.version > afterVersion;
    const isWanted = (event: ClusterEvent): boolean =>
      isLate(event) && (untilMs === undefined || event.atMs <= untilMs) && passesFilters(event, filters);
    const follower: Follower = { held: [], lost: false, wake: () => undefined };
    // Before the memory is read, so that nothing falls in between.
    this.#followers.add(follower);
    const ended = this.#endOf(untilMs, follower, signal);
    try {
      const onlyNew = sinceMs === undefined && untilMs === undefined && afterVersion === undefined;
      const past = onlyNew ? [] : this.#memory.slice(-limits.rememberedEvents);
      for (const event of past) if (isWanted(event)) yield event;
      for (;;) {
        for (const event of follower.held.splice(0)) if (isWanted(event)) yield event;
        if (follower.lost) throw tooSlow();
        if (ended.isOver()) return;
        if (follower.held.length === 0) {
          await new Promise<void>((resolve) => {
            follower.wake = resolve;
            if (ended.isOver()) resolve();
          });
        }
      }
    } finally {
      ended.release();
      this.#followers.delete(follower);
    }
  }

  /** When nobody is to hear more: the caller is gone, or the instant is over. */
  #endOf(untilMs: number | undefined, follower: Follower, signal: AbortSignal): { isOver(): boolean; release(): void } {
    const { clock } = this.#ports;
    const isOver = (): boolean => signal.aborted || (untilMs !== undefined && clock.now() > untilMs);
    const poke = (): void => follower.wake();
    signal.addEventListener('abort', poke, { once: true });
    let cancel: () => void = () => undefined;
    const wait = (): void => {
      if (untilMs === undefined || isOver()) return;
      cancel = clock.setTimer(Math.min(untilMs - clock.now() + 1, limits.longestTimerMs), () => {
        poke();
        wait();
      });
    };
    wait();
    return {
      isOver,
      release: () => {
        cancel();
        signal.removeEventListener('abort', poke);
      },
    };
  }
}

const tooSlow = (): TsoError =>
  new TsoError('RESOURCE_EXHAUSTED', 'more happened than was read: some events were not sent', {
    hint: 'Ask again with --since, and filter what you do not need',
  });
