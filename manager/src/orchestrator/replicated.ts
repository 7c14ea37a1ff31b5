import type { Service } from '@tso/proto';
import type { Place } from '../rules/places.ts';
import { occupantsOf, placesOf } from '../rules/places.ts';
import { isLive, isOccupant, isServing } from '../rules/task-facts.ts';
import { wantedSlots } from '../rules/wanted.ts';
import type { View } from '../store/view.ts';

export interface WantedPlaces {
  readonly wanted: readonly Place[];
  /** Everything in these goes. */
  readonly unwanted: readonly Place[];
}

/** How much a place is worth keeping when there are too many: serving, else alive, else waiting to, else ended. */
const worth = (service: Service, place: Place): number => {
  const occupants = occupantsOf(place);
  const present = occupants.some((task) => task.specVersion === service.specVersion) ? 1 : 0;
  if (occupants.some(isServing)) return 6 + present;
  if (occupants.some((task) => isLive(task) && task.nodeId !== '')) return 4 + present;
  return (occupants.some(isLive) ? 2 : 0) + present;
};

/** Where a place has its task: of several the one that serves, else the newest. */
const nodeOf = (place: Place): string => {
  const occupants = occupantsOf(place);
  return (occupants.find(isServing) ?? occupants.find(isLive) ?? occupants[0])?.nodeId ?? '';
};

/** Most worth first; of equals those go first that would be the only one on their node, then the second ones there and so on. */
const mostWorth = (service: Service, places: readonly Place[]): readonly Place[] => {
  const ranked = places
    .map((place) => ({ place, worth: worth(service, place) }))
    .sort((a, b) => b.worth - a.worth || a.place.slot - b.place.slot);
  const onNode = new Map<string, number>();
  return ranked
    .map((each) => {
      const node = nodeOf(each.place);
      const before = onNode.get(node) ?? 0;
      onNode.set(node, before + 1);
      return { ...each, before };
    })
    .sort((a, b) => b.worth - a.worth || a.before - b.before || a.place.slot - b.place.slot)
    .map(({ place }) => place);
};

/** So many places: those that are kept, and for missing ones the lowest free numbers. */
export const filledUp = (all: readonly Place[], kept: readonly Place[], count: number): WantedPlaces => {
  const bySlot = new Map(all.map((place) => [place.slot, place]));
  const wanted = new Map(kept.map((place) => [place.slot, place]));
  for (let slot = 1; wanted.size < count; slot += 1) {
    if (wanted.has(slot)) continue;
    wanted.set(slot, bySlot.get(slot) ?? { key: String(slot), slot, nodeId: '', tasks: [] });
  }
  return { wanted: [...wanted.values()].sort((a, b) => a.slot - b.slot), unwanted: all.filter((place) => !wanted.has(place.slot)) };
};

/**
 * The slots of a replicated service: of too many the ones that serve least go, then those on nodes with most of the service (SwarmKit's rule),
 * then the highest; missing ones get the lowest free numbers.
 */
export const replicatedPlaces = (view: View, service: Service): WantedPlaces => {
  const all = placesOf(view, service);
  const count = wantedSlots(service);
  const held = all.filter((place) => place.tasks.some(isOccupant));
  const kept = held.length <= count ? held : mostWorth(service, held).slice(0, count);
  return filledUp(all, kept, count);
};
