import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { Client, credentials } from '@grpc/grpc-js';
import { type RaftHello, type RaftMessage, type RaftMessageType, type TsoError, toTsoError } from '@tso/proto';
import { Raft, RpcChannel, type TlsMaterial } from '@tso/proto/rpc';
import type { ManagerProcess } from './manager-process.ts';
import { within } from './within.ts';

/** The group that a stopped or running member belongs to, as its files say. */
export const groupIdOf = (member: ManagerProcess): string => {
  const found = /"groupId"\s*:\s*"(?<id>[^"]+)"/.exec(readFileSync(join(member.logDir, 'raft.json'), 'utf8'))?.groups?.id;
  if (found === undefined) throw new Error(`${member.nodeId}: raft.json names no group`);
  return found;
};

/** A connection that speaks whatever one likes. */
export const plainConnection = async (door: string | { readonly host: string; readonly port: number }): Promise<Socket> => {
  const socket = typeof door === 'string' ? connect(door.replace(/^unix:/, '')) : connect(door);
  await within(5_000, `a connection to ${JSON.stringify(door)}`, once(socket, 'connect'));
  socket.on('error', () => undefined); // The other side may end it as it likes.
  return socket;
};

export const message = (type: RaftMessageType, from: number, to: number, term: number, more: Partial<RaftMessage> = {}): RaftMessage => ({
  type,
  from,
  to,
  term,
  logTerm: 0,
  index: 0,
  entries: [],
  commit: 0,
  reject: false,
  rejectHint: 0,
  context: '',
  ...more,
});

/** How the stream ended when these were sent after the hello: the error, or undefined when it is still open after the last one. */
export const speak = async (
  address: string,
  hello: RaftHello,
  messages: Iterable<readonly RaftMessage[]>,
  tls?: TlsMaterial,
): Promise<TsoError | undefined> => {
  const channel = new RpcChannel(address, tls === undefined ? {} : { tls });
  const stream = channel.client(Raft).messages({ deadlineMs: 20_000 });
  const receipts = stream[Symbol.asyncIterator]();
  try {
    await stream.send({ hello });
    const first = await receipts.next();
    if (first.done === true) return undefined;
    for (const batch of messages) await stream.send({ messages: { messages: batch } });
    stream.end();
    await receipts.next();
    return undefined;
  } catch (error) {
    return toTsoError(error);
  } finally {
    stream.cancel();
    channel.close();
  }
};

/** The status of one gRPC message on the members' stream whose size nobody limits on this side. */
export const sendHuge = async (address: string, sizeBytes: number): Promise<{ readonly code: number; readonly details: string }> => {
  const client = new Client(address, credentials.createInsecure(), { 'grpc.max_send_message_length': -1 });
  const stream = client.makeBidiStreamRequest(
    Raft.messages.path,
    (bytes: Buffer) => bytes,
    (bytes: Buffer) => bytes,
  );
  try {
    const ended = once(stream, 'error') as Promise<[{ readonly code: number; readonly details: string }]>;
    stream.write(Buffer.alloc(sizeBytes));
    const [{ code, details }] = await within(20_000, 'an answer to a message that is too large', ended);
    return { code, details };
  } finally {
    stream.cancel();
    client.close();
  }
};
