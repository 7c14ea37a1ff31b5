import type { ObjectChange, Service, ServiceVerb } from '@tso/proto';
import { change, type WishedBy } from './wish-parts.ts';

export interface VerbRequest {
  readonly stack: string;
  /** Names, or `web.2` where tasks are meant; empty: all of the stack. */
  readonly services: readonly string[];
  readonly verb: ServiceVerb;
}

export interface VerbBy extends WishedBy {
  /** Epoch milliseconds, by the cluster's clock. */
  readonly now: number;
}

/** Nothing to do, and why. */
export const noneOf = (service: Service, path: string, why: string): ObjectChange =>
  change('service', service.spec.name, 'none', [{ path, from: '', to: why }]);

export const updateOfField = (service: Service, path: string, from: string, to: string): ObjectChange =>
  change('service', service.spec.name, 'update', [{ path, from, to }]);
