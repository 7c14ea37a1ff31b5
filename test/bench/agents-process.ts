// A process full of simulated agents: what its parent asks for, measured here.
import { loadTls, type TlsFiles } from '@tso/proto/rpc';
import { Seen, SimulatedAgent } from './simulated-agent.ts';

/** The agents to be, and where the manager is. */
export interface AgentsOrder {
  readonly address: string;
  readonly agents: readonly { readonly nodeId: string; readonly tls: TlsFiles }[];
  /** They begin spread over that time. */
  readonly overMs: number;
}

export interface AgentsReport {
  readonly connected: number;
  readonly tasks: number;
  readonly sessions: number;
  readonly refused: number;
  readonly broken: number;
  /** Since the last report. */
  readonly heartbeatsMs: Float64Array;
  readonly pushesMs: Float64Array;
}

export type AgentsMessage = { readonly begin: AgentsOrder } | { readonly report: true };

const seen = new Seen();

const begin = async ({ address, agents, overMs }: AgentsOrder): Promise<void> => {
  const now = Date.now();
  for (const { nodeId, tls } of agents) {
    const agent = new SimulatedAgent(nodeId, [address], await loadTls(tls, now), seen);
    setTimeout(() => void agent.run(), Math.random() * overMs);
  }
};

const report = (): AgentsReport => {
  const { connected, tasks, sessions, refused, broken, heartbeatsMs, pushesMs } = seen;
  seen.heartbeatsMs = [];
  seen.pushesMs = [];
  return {
    connected: connected.size,
    tasks,
    sessions,
    refused,
    broken,
    heartbeatsMs: Float64Array.from(heartbeatsMs),
    pushesMs: Float64Array.from(pushesMs),
  };
};

process.on('message', (message: AgentsMessage) => {
  if ('begin' in message) void begin(message.begin);
  else process.send?.(report());
});
process.on('disconnect', () => process.exit());
