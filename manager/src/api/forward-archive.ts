import type { RelayFrame } from '@tso/proto';
import type { RelayConnection } from './relays.ts';

/** The caller's archive goes on to the agent. One that breaks off must not look complete: only its sender says where its end is. */
export const forwardArchive = async (
  incoming: AsyncIterator<{ readonly frame?: RelayFrame }>,
  stream: Pick<RelayConnection, 'send' | 'cancel'>,
): Promise<void> => {
  try {
    for (let next = await incoming.next(); next.done !== true; next = await incoming.next()) {
      const { frame } = next.value;
      if (frame?.archive !== undefined || frame?.stdinEnd === true) await stream.send(frame);
      if (frame?.stdinEnd === true) return;
    }
    stream.cancel();
  } catch {
    // The agent's side ended first, or the caller's stream broke: whoever reads the frames sees it and says so.
    stream.cancel();
  }
};
