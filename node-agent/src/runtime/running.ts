import { TsoError } from '@tso/proto';
import type { ContainerObservation } from './types.ts';

type Running = Extract<ContainerObservation, { readonly state: 'running' }>;

/** The container as it runs. FAILED_PRECONDITION: it does not. */
export const requireRunning = (id: string, observed: ContainerObservation): Running => {
  if (observed.state === 'running') return observed;
  throw new TsoError('FAILED_PRECONDITION', `the container ${id} is not running, it is ${observed.state}`);
};

/** The same of one whose processes are not frozen. FAILED_PRECONDITION: they are, and nothing that is begun there would go on. */
export const requireAwake = (id: string, observed: ContainerObservation): Running => {
  const running = requireRunning(id, observed);
  if (!running.paused) return running;
  throw new TsoError('FAILED_PRECONDITION', `the container ${id} is paused: nothing can begin in it`, {
    hint: 'Let it go on first: tso unpause',
  });
};
