import { TsoError } from '@tso/proto';
import type { Control as ControlService, Handlers } from '@tso/proto/rpc';

const refuse = (): never => {
  throw new TsoError('UNIMPLEMENTED', 'not there yet');
};

/** Scaffold of the day. */
export const notYet: Pick<Handlers<typeof ControlService>, 'events'> = {
  events: refuse,
};
