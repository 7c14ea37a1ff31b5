import { TsoError } from '@tso/proto';
import type { Control as ControlService, Handlers } from '@tso/proto/rpc';

const refuse = (): never => {
  throw new TsoError('UNIMPLEMENTED', 'not there yet');
};

/** Scaffold of the day. */
export const notYet: Pick<Handlers<typeof ControlService>, 'getNode' | 'updateNode' | 'removeNode' | 'rebalanceServices' | 'events'> = {
  getNode: refuse,
  updateNode: refuse,
  removeNode: refuse,
  rebalanceServices: refuse,
  events: refuse,
};
