import type { Service } from '@tso/proto';
import { globalNodes, placesOf } from '../rules/places.ts';
import type { View } from '../store/view.ts';
import type { WantedPlaces } from './replicated.ts';

/** One place on every node that the service may run on. */
export const globalPlaces = (view: View, service: Service): WantedPlaces => {
  const all = new Map(placesOf(view, service).map((place) => [place.key, place]));
  const wanted = globalNodes(view, service).map((node) => all.get(node.id) ?? { key: node.id, slot: 0, nodeId: node.id, tasks: [] });
  const keys = new Set(wanted.map((place) => place.key));
  return { wanted, unwanted: [...all.values()].filter((place) => !keys.has(place.key)) };
};
