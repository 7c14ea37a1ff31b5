import type { Node, Service } from '@tso/proto';
import { globalNodes, placesOf } from '../rules/places.ts';
import type { View } from '../store/view.ts';
import type { WantedPlaces } from './replicated.ts';

/** One place on each of these nodes. */
export const placesOn = (view: View, service: Service, nodes: readonly Node[]): WantedPlaces => {
  const all = new Map(placesOf(view, service).map((place) => [place.key, place]));
  const wanted = nodes.map(({ id }) => all.get(id) ?? { key: id, slot: 0, nodeId: id, tasks: [] });
  const keys = new Set(wanted.map(({ key }) => key));
  return { wanted, unwanted: [...all.values()].filter(({ key }) => !keys.has(key)) };
};

/** One place on every node that the service may run on. */
export const globalPlaces = (view: View, service: Service): WantedPlaces => placesOn(view, service, globalNodes(view, service));
