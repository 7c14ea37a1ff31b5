import { mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ExecRequest, type LogsReply, type RelayFrame, TsoError } from '@tso/proto';
import { type CallContext, Control, type Handlers, RpcChannel, type RpcClient, RpcServer } from '@tso/proto/rpc';
import type { ExecutionContext } from 'ava';
import { realClock, silentLogger } from '../testing/ports.ts';
import { type Caller, callerOf } from './caller.ts';
import { Forward } from './forward.ts';

const unused = (): never => {
  throw new TsoError('UNIMPLEMENTED', 'not asked in this test');
};
const allUnused = Object.fromEntries(Object.keys(Control).map((name) => [name, unused])) as unknown as Handlers<typeof Control>;

export type Served = Pick<Handlers<typeof Control>, 'logs' | 'exec' | 'top' | 'signal'>;

export interface Member {
  readonly forward: Forward;
  readonly handlers: Served;
  readonly control: RpcClient<typeof Control>;
  /** As whom each call came. */
  readonly calls: Caller[];
  /** Which member it takes for the leader: 'here', nobody, or one of the others. */
  leader: Member | 'here' | undefined;
  office: AbortController | undefined;
  serves: Partial<Served>;
  /** Ends as a process does that was killed. */
  kill(): Promise<void>;
}

/** A way to a socket, and what cuts it: as the sockets of a process that was killed. */
const cable = async (from: string, to: string): Promise<() => void> => {
  const ends = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect(to);
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      ends.add(one);
      one.on('error', () => undefined).on('close', () => other.destroy());
      one.pipe(other);
    }
  });
  await new Promise<void>((resolve) => server.listen(from, resolve));
  return () => {
    server.close();
    for (const end of ends) end.destroy();
  };
};

/** A manager with a real peer door on a socket of its own, which knows the caller for a manager. */
export const member = async (t: ExecutionContext, raftId: number): Promise<Member> => {
  const directory = await mkdtemp(join(tmpdir(), 'tso-forward-'));
  const address = `unix:${join(directory, 'server')}`;
  const stopping = new AbortController();
  const forward = new Forward({
    clock: realClock,
    stopping: stopping.signal,
    office: () => self.office?.signal,
    leader: async () => {
      if (self.leader === undefined) throw new TsoError('UNAVAILABLE', 'the managers have no leader', { details: { outcome: 'refused' } });
      return self.leader === 'here' ? 'here' : { raftId: 7, control: self.leader.control };
    },
  });
  const noted = (context: CallContext): CallContext => {
    self.calls.push(callerOf(context));
    return context;
  };
  const handlers: Served = {
    logs: (request, context) =>
      forward.stream(noted(context), {
        here: (signal) => (self.serves.logs ?? unused)(request, { ...context, signal }),
        there: (control, options) => control.logs(request, options),
      }),
    exec: (requests, context) =>
      forward.duplex(noted(context), requests, {
        here: (incoming, signal) => (self.serves.exec ?? unused)(incoming, { ...context, signal }),
        there: (control, options) => control.exec(options),
      }),
    top: (request, context) =>
      forward.unary(noted(context), {
        here: (signal) => (self.serves.top ?? unused)(request, { ...context, signal }),
        there: (control, options) => control.top(request, options),
      }),
    signal: (request, context) =>
      forward.deed(noted(context), {
        here: (signal) => (self.serves.signal ?? unused)(request, { ...context, signal }),
        there: (control, options) => control.signal(request, options),
      }),
  };
  const server = new RpcServer({ address, authenticate: () => ['manager'], logger: silentLogger });
  server.add(Control, { ...allUnused, ...handlers });
  await server.start();
  const cut = await cable(join(directory, 'door'), join(directory, 'server'));
  const channel = new RpcChannel(`unix:${join(directory, 'door')}`);
  const kill = async (): Promise<void> => {
    cut();
    await server.stop(0);
  };
  t.teardown(async () => {
    channel.destroy();
    stopping.abort();
    await kill();
    await rm(directory, { recursive: true, force: true });
  });
  const self: Member = {
    forward,
    handlers,
    control: channel.client(Control),
    calls: [],
    leader: raftId === 1 ? 'here' : undefined,
    office: raftId === 1 ? new AbortController() : undefined,
    serves: {},
    kill,
  };
  return self;
};

/** A leader and one that knows it. */
export const pair = async (
  t: ExecutionContext,
  serves: Partial<Served>,
): Promise<{ readonly leader: Member; readonly follower: Member }> => {
  const [leader, follower] = [await member(t, 1), await member(t, 2)];
  leader.serves = serves;
  follower.leader = leader;
  return { leader, follower };
};

export const operator = (signal: AbortSignal = new AbortController().signal): CallContext => ({
  peer: '192.0.2.9:40000',
  roles: ['client'],
  identity: { nodeId: 'ana', role: 'client', cluster: 'c' },
  signal,
  header: (name) => (name === 'idempotency-key' ? 'key-1' : undefined),
});

export const logsRequest = { stack: 'shop', targets: [], options: { follow: true }, seen: [] };
export const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
export const line = (text: string): LogsReply => ({ warning: text });
export const collect = async <T>(items: AsyncIterable<T>, into: T[] = []): Promise<T[]> => {
  for await (const item of items) into.push(item);
  return into;
};
export const restOf = async (items: AsyncIterator<unknown>): Promise<void> => {
  while ((await items.next()).done !== true);
};
export const typed = (text: string): ExecRequest => ({ frame: { stdin: Buffer.from(text) } });
export const said = async function* (...texts: readonly string[]): AsyncIterable<ExecRequest> {
  for (const text of texts) yield typed(text);
};
export const textOf = (request: ExecRequest): string => Buffer.from(request.frame?.stdin ?? new Uint8Array()).toString();
export const shown = (frame: RelayFrame | undefined): string => Buffer.from(frame?.stdout ?? new Uint8Array()).toString();
