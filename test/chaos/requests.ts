import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { ClusterLab } from '../lab/hosts/cluster-lab.ts';
import { eventually } from '../lab/support/eventually.ts';
import type { LabHost } from '../lab/support/lab-host.ts';

/** Clients at a time, each asking one thing after another. */
const clients = 4;
const patienceS = 10;

/** One line for each request: the status, or what curl says went wrong. Never asked twice. */
const loop = (url: string): string =>
  `while :; do curl -sS -o /dev/null -w '%{http_code}\\n' --max-time ${patienceS} ${url} 2>&1 || true; done`;

/** Requests out of a container, by the name of the service, as another service's would come. */
export class Requests {
  readonly #children: readonly ChildProcess[];
  #answered = 0;
  readonly #lost: string[] = [];

  private constructor(pid: number, url: string) {
    const enter = ['--target', String(pid), '--net', '--mount', '--uts', '--root', '--', '/bin/sh', '-c', loop(url)];
    this.#children = Array.from({ length: clients }, () => spawn('nsenter', enter, { stdio: ['ignore', 'pipe', 'inherit'] }));
    for (const { stdout } of this.#children) stdout?.setEncoding('utf8').on('data', (text: string) => this.#take(text));
  }

  /** Begins to ask from the container of that service on the host, which must have one alone. */
  static async from(cluster: ClusterLab, host: LabHost, stack: string, service: string, url: string): Promise<Requests> {
    const found = (await cluster.running(stack, service)).find((seen) => seen.host === host.name);
    if (found === undefined) throw new Error(`no container of ${stack}/${service} runs on ${host.name}`);
    return new Requests(found.pid, url);
  }

  get answered(): number {
    return this.#answered;
  }

  /** What came instead of answers. */
  get lost(): readonly string[] {
    return this.#lost;
  }

  /** Resolves once so many more were answered. */
  async more(count: number, when: string): Promise<void> {
    const goal = this.#answered + count;
    try {
      await eventually(`${count} requests are answered ${when}`, () => this.#answered >= goal);
    } catch (error) {
      const lost = this.#lost.slice(-3).join('; ') || 'no word at all';
      throw new Error(`${this.#answered + count - goal} answered; instead of answers: ${lost}`, { cause: error });
    }
  }

  async stop(): Promise<void> {
    await Promise.all(
      this.#children.map(async (child) => {
        if (child.exitCode !== null || child.signalCode !== null) return;
        const ended = once(child, 'exit');
        child.kill('SIGKILL');
        await ended;
      }),
    );
  }

  #take(text: string): void {
    for (const line of text.split('\n')) {
      if (line === '200') this.#answered += 1;
      else if (line !== '' && line !== '000') this.#lost.push(line);
    }
  }
}
