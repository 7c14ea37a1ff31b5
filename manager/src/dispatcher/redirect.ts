import { TsoError } from '@tso/proto';
import type { Dispatcher as DispatcherService, Handlers } from '@tso/proto/rpc';

type DispatcherHandlers = Handlers<typeof DispatcherService>;

/** UNAVAILABLE; `details.leader` is the leader's address, absent when none is known. */
export const notLeading = (leaderAddress: string | undefined): TsoError =>
  leaderAddress === undefined
    ? new TsoError('UNAVAILABLE', 'this manager does not lead, and no leader is known just now', { hint: 'Try again in a moment' })
    : new TsoError('UNAVAILABLE', `this manager does not lead: ${leaderAddress} does`, {
        hint: 'Ask that one',
        details: { leader: leaderAddress },
      });

const refuse = (leaderAddress: () => string | undefined): never => {
  throw notLeading(leaderAddress());
};

/** For a manager that does not lead: agents are sent to the one that does. */
export const redirectHandlers = (leaderAddress: () => string | undefined): DispatcherHandlers => ({
  session: () => refuse(leaderAddress),
  relay: () => refuse(leaderAddress),
  fetchImage: () => refuse(leaderAddress),
});

/** What a server offers for its whole life while leaderships come and go: each call goes to the dispatcher that is there when it comes. */
export const leadersHandlers = (
  dispatcher: () => { readonly handlers: DispatcherHandlers } | undefined,
  leaderAddress: () => string | undefined,
): DispatcherHandlers => {
  const redirect = redirectHandlers(leaderAddress);
  const current = (): DispatcherHandlers => dispatcher()?.handlers ?? redirect;
  return {
    session: (messages, context) => current().session(messages, context),
    relay: (frames, context) => current().relay(frames, context),
    fetchImage: (request, context) => current().fetchImage(request, context),
  };
};
