import type { ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Endpoint, NetworkAssignment } from '@tso/proto';
import { emptyAllocation, emptyEndpoint, emptyNetworkAssignment, emptyPort } from '@tso/proto';
import type { LabHost } from './lab-host.ts';

const entry = join(import.meta.dirname, '../../../node-agent/src/network/testing/main.ts');

interface Reply {
  readonly id: number;
  readonly ms?: number;
  readonly value?: unknown;
  readonly code?: string;
  readonly error?: string;
}

export class CallFailure extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/** The networks of the agent, alone, as a process on a lab host: the test speaks for the rest of the agent. */
export class NetworksDaemon {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, { readonly resolve: (reply: Reply) => void; readonly reject: (error: Error) => void }>();
  readonly #log: string[] = [];
  #next = 0;

  private constructor(child: ChildProcess) {
    this.#child = child;
    child.stderr?.on('data', (chunk: Buffer) => this.#log.push(chunk.toString()));
    if (child.stdout !== null) createInterface({ input: child.stdout }).on('line', (line) => this.#take(JSON.parse(line) as Reply));
    child.on('close', () => {
      for (const { reject } of this.#waiting.values()) reject(new Error(`the daemon ended: ${this.#log.join('')}`));
    });
  }

  static async start(host: LabHost, runDir: string, resolvConfPath: string, nodeId = 'node-a'): Promise<NetworksDaemon> {
    const daemon = new NetworksDaemon(host.spawn(process.execPath, [entry, runDir, nodeId, resolvConfPath]));
    await daemon.call('start');
    return daemon;
  }

  /** Milliseconds that the last call took inside the daemon. */
  lastMs = 0;

  /** The value; CallFailure with code and sentence. */
  async call(method: string, ...args: readonly unknown[]): Promise<unknown> {
    const id = this.#next++;
    const reply = await new Promise<Reply>((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#child.stdin?.write(`${JSON.stringify({ id, call: [method, ...args] })}\n`);
    });
    if (reply.error !== undefined) throw new CallFailure(reply.code ?? '', reply.error);
    this.lastMs = reply.ms ?? 0;
    return reply.value;
  }

  /** Ends it at once, as a crash does. */
  async kill(): Promise<void> {
    await this.#end(() => this.#child.kill('SIGKILL'));
  }

  async stop(): Promise<void> {
    await this.call('stop');
    await this.#end(() => this.#child.stdin?.end());
  }

  async #end(begin: () => void): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = new Promise((resolve) => this.#child.once('exit', resolve));
    begin();
    await ended;
  }

  #take(reply: Reply): void {
    this.#waiting.get(reply.id)?.resolve(reply);
    this.#waiting.delete(reply.id);
  }
}

/** A network as the manager assigns it: 10.32.<number>.0/24 with the VNI 4096 + number, unless told otherwise. */
export const labNetwork = (number: number, changes: Partial<NetworkAssignment> = {}): NetworkAssignment => ({
  ...emptyNetworkAssignment,
  id: `network-${number}`,
  name: `net${number}`,
  vni: 4096 + number,
  subnet: `10.32.${number}.0/24`,
  gateway: `10.32.${number}.1`,
  internal: false,
  endpoints: [],
  ...changes,
});

export const macOf = (address: string): string =>
  `02:42:${address
    .split('.')
    .map((octet) => Number(octet).toString(16).padStart(2, '0'))
    .join(':')}`;

export const labEndpoint = (taskId: string, serviceName: string, address: string, changes: Partial<Endpoint> = {}): Endpoint => ({
  ...emptyEndpoint,
  taskId,
  serviceName,
  stack: 'lab',
  slot: 1,
  address,
  mac: macOf(address),
  nodeId: 'node-a',
  vtep: '',
  names: [serviceName],
  serving: true,
  ...changes,
});

/** What the agent asks for a task on these networks, network number to address. */
export const labPlan = (taskId: string, addresses: Readonly<Record<number, string>>, sysctls: Readonly<Record<string, string>> = {}) => ({
  taskId,
  ownNamespace: true,
  attachments: Object.entries(addresses).map(([number, address]) => ({
    ...emptyAllocation,
    networkId: `network-${number}`,
    address,
    mac: macOf(address),
  })),
  networkOf: '',
  pidOf: '',
  serviceLabels: {},
  ipcOf: '',
  files: [],
  jobIteration: 0,
  links: [],
  stack: 'lab',
  serviceName: taskId,
  sysctls,
});

export const labPort = (
  taskId: string,
  serviceName: string,
  address: string,
  changes: {
    readonly published: number;
    readonly target: number;
    readonly protocol?: number;
    readonly mode?: number;
    readonly hostIp?: string;
    readonly serving?: boolean;
  },
) => ({
  taskId,
  serviceId: serviceName,
  serviceName,
  address,
  serving: changes.serving ?? true,
  port: {
    ...emptyPort,
    target: changes.target,
    published: changes.published,
    protocol: changes.protocol ?? 0,
    mode: changes.mode ?? 0,
    hostIp: changes.hostIp ?? '',
  },
});
