import type { Socket } from 'node:net';

/** Who may be at the other end of a connection, by how it begins. */
export type Sort = 'member' | 'joiner';

/** What a joiner says before its TLS. No TLS record begins with it: their first byte is 22. */
export const joinerWord = Buffer.from('TSOJ');

const handshakeRecord = 22;

/** What the first bytes begin; undefined: nothing of ours, 'more': they do not tell yet. */
const sortOf = (head: Buffer): Sort | 'more' | undefined => {
  if (head[0] === handshakeRecord) return 'member';
  const length = Math.min(head.length, joinerWord.length);
  if (!head.subarray(0, length).equals(joinerWord.subarray(0, length))) return undefined;
  return length === joinerWord.length ? 'joiner' : 'more';
};

/**
 * Reads from a new connection until it is clear what begins, and puts back what belongs to the TLS that follows. Calls at most once:
 * not for a connection that closes before; undefined: it is nothing of ours. Costs one look per connection, nothing per call.
 */
export const firstWord = (socket: Socket, callback: (sort: Sort | undefined) => void): void => {
  let head = Buffer.alloc(0);
  const done = (sort: Sort | undefined) => {
    socket.off('readable', look);
    socket.off('end', ended);
    if (sort === 'joiner') head = head.subarray(joinerWord.length);
    if (sort !== undefined && head.length > 0) socket.unshift(head);
    callback(sort);
  };
  const ended = () => done(undefined);
  const look = () => {
    const chunk: unknown = socket.read();
    if (!Buffer.isBuffer(chunk)) return;
    head = Buffer.concat([head, chunk]);
    const sort = sortOf(head);
    if (sort !== 'more') done(sort);
  };
  socket.on('readable', look);
  socket.on('end', ended);
};
