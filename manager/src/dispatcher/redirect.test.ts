import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NodeRole, TsoError } from '@tso/proto';
import { Dispatcher as DispatcherService, type Handlers, RpcChannel, RpcServer } from '@tso/proto/rpc';
import test from 'ava';
import { silentLogger } from '../testing/ports.ts';
import { node } from './dispatcher-fixture.ts';
import { leadersHandlers } from './redirect.ts';

type DispatcherHandlers = Handlers<typeof DispatcherService>;

/** A server with these handlers, and what an agent that says hello to it gets. */
const withServer = async (handlers: DispatcherHandlers, work: (hello: () => Promise<unknown>) => Promise<void>): Promise<void> => {
  const directory = await mkdtemp(join(tmpdir(), 'tso-redirect-'));
  const address = `unix:${join(directory, 's')}`;
  const server = new RpcServer({ address, authenticate: () => ['worker'], logger: silentLogger }).add(DispatcherService, handlers);
  await server.start();
  const channel = new RpcChannel(address);
  const hello = async (): Promise<unknown> => {
    const session = channel.client(DispatcherService).session();
    const { description, address: vtep } = node('a');
    // What it says may come too late: the answer tells.
    session
      .send({
        hello: {
          nodeId: 'a',
          description,
          address: vtep,
          haveVersion: 0,
          sessionEpoch: '',
          identity: { authorityEpoch: 0, role: NodeRole.WORKER },
        },
      })
      .catch(() => undefined);
    try {
      for await (const message of session) return message;
      return undefined;
    } catch (error) {
      return error;
    } finally {
      session.cancel();
    }
  };
  try {
    await work(hello);
  } finally {
    channel.close();
    await server.stop(100);
    await rm(directory, { recursive: true, force: true });
  }
};

test('an agent at a manager that does not lead is told who does, and is served once this one leads', async (t) => {
  let leader: string | undefined;
  let dispatcher: { readonly handlers: DispatcherHandlers } | undefined;
  const handlers = leadersHandlers(
    () => dispatcher,
    () => leader,
  );
  await withServer(handlers, async (hello) => {
    t.like(await hello(), { code: 'UNAVAILABLE', message: 'this manager does not lead, and no leader is known just now', details: {} });
    leader = '10.0.0.7:4433';
    const refusal = await hello();
    t.true(refusal instanceof TsoError);
    t.like(refusal, { code: 'UNAVAILABLE', message: 'this manager does not lead: 10.0.0.7:4433 does', details: { leader } });
    const relay = (): never => {
      throw new TsoError('UNIMPLEMENTED', 'not asked in this test');
    };
    const session = async function* () {
      yield { heartbeatAck: { sequence: 9, measure: [] } };
    };
    dispatcher = { handlers: { session, relay, fetchImage: relay } };
    t.like(await hello(), { heartbeatAck: { sequence: 9 } });
    dispatcher = undefined;
    t.like(await hello(), { code: 'UNAVAILABLE', details: { leader } });
  });
});
