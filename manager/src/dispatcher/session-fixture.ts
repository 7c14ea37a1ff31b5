import {
  type AgentHello,
  type AgentMessage,
  emptyMeta,
  type FetchImageRequest,
  type ManagerMessage,
  type NodeDescription,
  NodeRole,
  type RelayFrame,
  type StoreAction,
  TaskState,
  type TaskUsage,
  TsoError,
} from '@tso/proto';
import { type CallContext, ChannelQueue } from '@tso/proto/rpc';
import { ManualClock } from '../testing/manual-clock.ts';
import { silentLogger } from '../testing/ports.ts';
import { LaggingMember, SharedLog } from '../testing/shared-log.ts';
import { Dispatcher } from './dispatcher.ts';
import { node, status, task } from './dispatcher-fixture.ts';

/** A dispatcher at a log that tests write to, and agents that they play. */

export const context: CallContext = {
  peer: 'test',
  roles: ['worker'],
  identity: undefined,
  signal: new AbortController().signal,
  header: () => undefined,
};

export const settled = async (): Promise<void> => {
  for (let turn = 0; turn < 500; turn++) await Promise.resolve();
};

const unasked = (): never => {
  throw new TsoError('UNIMPLEMENTED', 'not asked in this test');
};

/** Says who asks, and then ends with the call. */
async function* fetchImage(from: string | undefined, { digest }: FetchImageRequest, signal: AbortSignal): AsyncGenerator<RelayFrame> {
  yield { signal: `${from ?? 'own'} asks for ${digest}` };
  if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
}

/** A leader's dispatcher at a log with one task on node a. */
export const world = (...more: readonly StoreAction[]) => worldAt(new ManualClock(), ...more);

export const worldAt = async <C extends ManualClock>(clock: C, ...more: readonly StoreAction[]) => {
  const log = new SharedLog();
  const cluster = { id: 'c', meta: emptyMeta, addressPool: '10.128.0.0/12', subnetPrefix: 24, firstVni: 1, vxlanPort: 4789 };
  const assigned = task('x', 'a', { status: status(TaskState.ASSIGNED) });
  log.append({ actions: [{ putCluster: cluster }, { putTask: assigned }, ...more], expect: [], atMs: 1, origin: 'test' });
  const proposer = new LaggingMember(log);
  await proposer.fresh();
  const dispatcher = new Dispatcher(
    { nodeId: 'own', heartbeatMs: 1_000, missedHeartbeats: 3, graceMs: 10_000 },
    {
      proposer,
      clock,
      random: { bytes: (count) => new Uint8Array(count).fill(7), number: () => 0.5 },
      logger: silentLogger,
      acceptRelay: unasked,
      fetchImage,
    },
  );
  await dispatcher.start();
  return { log, proposer, clock, dispatcher };
};

export interface ConnectOptions {
  readonly hello?: Partial<AgentHello>;
  /** The node that its certificate names; none: it comes by the unix socket. */
  readonly certificate?: string;
}

/** An agent's end of a session. */
export const connect = (dispatcher: Dispatcher, nodeId: string, options: ConnectOptions = {}) => {
  const toManager = new ChannelQueue<AgentMessage>(100);
  const heard: ManagerMessage[] = [];
  const { description, address } = node(nodeId);
  toManager.push({
    hello: {
      nodeId,
      description,
      address,
      haveVersion: 0,
      sessionEpoch: '',
      identity: { authorityEpoch: 0, role: NodeRole.WORKER },
      ...options.hello,
    },
  });
  const identity = options.certificate === undefined ? undefined : { nodeId: options.certificate, role: 'worker' as const, cluster: 'c' };
  const read = async (): Promise<void> => {
    for await (const message of dispatcher.handlers.session(toManager, { ...context, identity })) heard.push(message);
  };
  const ended: Promise<unknown> = read().then(
    () => 'ended',
    (error: unknown) => error,
  );
  let sequence = 0;
  const say = (state: TaskState): boolean =>
    toManager.push({ statuses: { updates: [{ taskId: 'x', status: status(state) }], sequence: ++sequence } });
  const ack = (version: number, isSettled: boolean): boolean => toManager.push({ ack: { version, settled: isSettled } });
  const hold = (authorityEpoch: number): boolean => toManager.push({ identity: { authorityEpoch, role: NodeRole.WORKER } });
  const describe = (changes: Partial<NodeDescription>): boolean => toManager.push({ description: { ...description, ...changes } });
  const sets = () => heard.flatMap(({ assignments }) => assignments ?? []);
  return {
    heard,
    ended,
    say,
    ack,
    hold,
    describe,
    sets,
    beat: (...usage: readonly TaskUsage[]) => toManager.push({ heartbeat: { sequence: 1, usage } }),
    leave: () => toManager.end(),
  };
};
