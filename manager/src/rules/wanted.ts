import { type Service, ServiceMode } from '@tso/proto';
import { slotsOf } from './jobs.ts';

/**
 * How many numbered places the service is wished to have, be it stopped or not: of an autoscaled one what the autoscaler came to, or at first
 * its replicas, between its bounds. 0 for one whose places are nodes.
 */
export const wishedSlots = ({ spec, autoscale }: Service): number => {
  if (spec.mode !== ServiceMode.REPLICATED || spec.autoscale === undefined) return slotsOf(spec);
  const { min, max } = spec.autoscale;
  return Math.max(min, Math.min(max, autoscale?.replicas ?? spec.replicas));
};

/** The service; one that is not autoscaled any more goes by its spec, and begins there should it be again. */
export const countedAsSpecSays = ({ autoscale, ...service }: Service): Service =>
  autoscale === undefined || service.spec.autoscale === undefined ? service : { ...service, autoscale };

/** How many numbered places the service is to have now: none while it is stopped. 0 for one whose places are nodes. */
export const wantedSlots = (service: Service): number => (service.stopped ? 0 : wishedSlots(service));
