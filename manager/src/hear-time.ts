import type { ClusterClock } from './cluster-clock.ts';
import { limits } from './limits.ts';
import type { Proposer } from './replication/proposer.ts';
import type { Change } from './store/apply.ts';
import type { View } from './store/view.ts';

const lastInstant = (changes: readonly Change[]): number | undefined =>
  changes.findLast(({ after }) => after !== undefined)?.after?.meta.updatedAtMs;

interface Place {
  state: 'behind' | 'catching up' | 'caught up';
}

/**
 * Tells the clock what time it is for whoever leads: planner and dispatcher change tasks at the cluster's time, and nobody else does.
 * What comes before this manager has caught up with the others once is old, and so is what a snapshot brings.
 */
export const hearTime = async (store: Pick<Proposer, 'fresh' | 'subscribe'>, clock: ClusterClock, signal: AbortSignal): Promise<void> => {
  const place: Place = { state: 'behind' };
  for await (const changes of store.subscribe(({ kind }) => kind === 'task', { limit: limits.watchedChanges, signal })) {
    if (place.state === 'behind') {
      place.state = 'catching up';
      const next = (state: Place['state']) => () => {
        place.state = state;
      };
      // Nobody leads just now: asked again with the next change.
      store.fresh().then(next('caught up'), next('behind'));
    } else if (place.state === 'caught up' && changes !== 'resync') {
      const atMs = lastInstant(changes);
      if (atMs !== undefined) clock.heard(atMs);
    }
  }
};

/** The latest instant that the store has seen of the cluster's time; 0: none. */
export const latestInstant = (view: View): number => view.tasks().reduce((latest, { meta }) => Math.max(latest, meta.updatedAtMs), 0);
