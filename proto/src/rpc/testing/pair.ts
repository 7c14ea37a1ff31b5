import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import { type AgentMessage, type Logger, type ManagerMessage, type Messages, TsoError } from '../../index.ts';
import { Control, Dispatcher, type Handlers, RpcChannel, type RpcClient, RpcServer } from '../index.ts';

export const silent: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => silent,
};

export const unused = (): never => {
  throw new TsoError('UNIMPLEMENTED', 'not asked in this test');
};

const controlHandlers: Handlers<typeof Control> = {
  applyStack: unused,
  removeStack: unused,
  scaleServices: unused,
  updateService: unused,
  changeServices: unused,
  explainPlacement: unused,
  signal: unused,
  getStack: unused,
  listStacks: unused,
  putConfig: unused,
  getConfig: unused,
  listConfigs: unused,
  removeConfig: unused,
  putSecret: unused,
  getSecret: unused,
  listSecrets: unused,
  removeSecret: unused,
  loadImage: unused,
  listTasks: unused,
  listNodes: unused,
  getInfo: unused,
  watchStack: unused,
  logs: unused,
  exec: unused,
  getNode: unused,
  updateNode: unused,
  removeNode: unused,
  rebalanceServices: unused,
  stats: unused,
  top: unused,
  copyOut: unused,
  copyIn: unused,
  events: unused,
  backup: unused,
  createNetwork: unused,
  getNetwork: unused,
  listNetworks: unused,
  removeNetwork: unused,
};

export const info: Messages['ClusterInfo'] = {
  clusterId: 'c',
  version: 2 ** 40,
  nodes: 1,
  nodesReady: 1,
  stacks: 0,
  services: 0,
  tasks: 0,
  tasksRunning: 0,
  engineVersion: '0.1.0',
  managers: 0,
  managersReachable: 0,
  leader: '',
  answeredBy: '',
  autolock: false,
};

export const view = (version: number): Messages['StackView'] => ({
  name: 'shop',
  version,
  exists: true,
  services: [],
  networks: [],
  volumes: [],
});
export const heartbeat = (sequence: number): AgentMessage => ({ heartbeat: { sequence, usage: [] } });
export const ack = (sequence: number): ManagerMessage => ({ heartbeatAck: { sequence, measure: [] } });

interface Pair {
  readonly control: RpcClient<typeof Control>;
  readonly dispatcher: RpcClient<typeof Dispatcher>;
  readonly server: RpcServer;
}

/** A server with these handlers and a client of it, on a socket of their own, both gone after the test. */
export const connected = async (
  t: ExecutionContext,
  handlers: Partial<Handlers<typeof Control>> & { readonly dispatcher?: Partial<Handlers<typeof Dispatcher>> },
  roles: readonly string[] = ['client', 'worker', 'manager'],
): Promise<Pair> => {
  const { dispatcher, ...control } = handlers;
  const dir = await mkdtemp(join(tmpdir(), 'tso-rpc-'));
  const address = `unix:${join(dir, 'rpc.sock')}`;
  const server = new RpcServer({ address, authenticate: () => roles, logger: silent });
  server
    .add(Control, { ...controlHandlers, ...control })
    .add(Dispatcher, { session: unused, relay: unused, fetchImage: unused, ...dispatcher });
  await server.start();
  const channel = new RpcChannel(address);
  t.teardown(async () => {
    channel.close();
    await server.stop(0);
    await rm(dir, { recursive: true });
  });
  return { control: channel.client(Control), dispatcher: channel.client(Dispatcher), server };
};

export const collect = async <T>(items: AsyncIterable<T>): Promise<T[]> => {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
};

export const failure = async (t: ExecutionContext, action: () => Promise<unknown>): Promise<TsoError> =>
  t.throwsAsync(action, { instanceOf: TsoError });

/** Resolves when a signal is aborted; already aborted counts. */
export const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
