import { type Clock, HealthState, sentenceOf, type Task, TsoError } from '@tso/proto';
import { limits } from '../limits.ts';
import type { Containers, ExecProcess } from '../runtime/types.ts';
import { patiently } from '../task/patience.ts';
import { afterProbe, firstProbeState, type HealthSettings, healthSettings, nextProbeInMs, type ProbeState } from './probe-state.ts';

/** As much of a probe's output as its error sentence may hold (moby keeps 4096 bytes). */
const outputLimit = 4_096;

interface Result {
  readonly ok: boolean;
  readonly output: string;
}

interface Watch {
  readonly settings: HealthSettings;
  readonly onChange: () => void;
  probe: ProbeState;
  /** Since when its container is paused; undefined: it is not. */
  restingSinceMs: number | undefined;
  /** Raised by each pause: what a probe says that was under way then does not count. */
  pauses: number;
  /** A probe is under way. */
  probing: boolean;
  cancelTimer: () => void;
  ended: boolean;
}

const collect = async (stream: AsyncIterable<Uint8Array>): Promise<string> => {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of stream) {
    if (size < outputLimit) chunks.push(chunk);
    size += chunk.length;
  }
  return Buffer.concat(chunks).toString().slice(0, outputLimit).trim();
};

/** Runs the health checks of this host's containers, each on its own timer, one probe of a container at a time. */
export class HealthMonitor {
  readonly #containers: Pick<Containers, 'exec'>;
  readonly #clock: Clock;
  readonly #watches = new Map<string, Watch>();

  constructor(ports: { readonly containers: Pick<Containers, 'exec'>; readonly clock: Clock }) {
    this.#containers = ports.containers;
    this.#clock = ports.clock;
  }

  /** HEALTH_NONE for a task without a health check. */
  stateOf(taskId: string): { readonly state: HealthState; readonly failure: string } {
    const probe = this.#watches.get(taskId)?.probe;
    return probe === undefined ? { state: HealthState.HEALTH_NONE, failure: '' } : { state: probe.state, failure: probe.failure };
  }

  /** @param alreadyHealthy it was before this agent started, and counts as that until a probe says otherwise */
  watch(task: Task, onChange: () => void, alreadyHealthy = false): void {
    const settings = healthSettings(task.spec.container.healthCheck);
    if (settings === undefined || this.#watches.has(task.id)) return;
    const first = firstProbeState(this.#clock.now());
    const watch: Watch = {
      settings,
      onChange,
      probe: alreadyHealthy ? { ...first, state: HealthState.HEALTHY } : first,
      restingSinceMs: undefined,
      pauses: 0,
      probing: false,
      cancelTimer: () => undefined,
      ended: false,
    };
    this.#watches.set(task.id, watch);
    this.#schedule(task.id, watch);
  }

  /** Its container is paused, or goes on: no probe begins meanwhile, and the time does not count. Harmless when it is so already. */
  rest(taskId: string, paused: boolean): void {
    const watch = this.#watches.get(taskId);
    if (watch === undefined || paused === (watch.restingSinceMs !== undefined)) return;
    const now = this.#clock.now();
    if (watch.restingSinceMs === undefined) {
      watch.restingSinceMs = now;
      watch.pauses += 1;
      watch.cancelTimer();
      return;
    }
    const restedMs = Math.max(0, now - watch.restingSinceMs);
    watch.probe = { ...watch.probe, startedAtMs: watch.probe.startedAtMs + restedMs };
    watch.restingSinceMs = undefined;
    if (!watch.probing) this.#schedule(taskId, watch);
  }

  unwatch(taskId: string): void {
    const watch = this.#watches.get(taskId);
    if (watch === undefined) return;
    watch.ended = true;
    watch.cancelTimer();
    this.#watches.delete(taskId);
  }

  #schedule(taskId: string, watch: Watch): void {
    const now = this.#clock.now();
    this.#sleepUntil(now + nextProbeInMs(watch.probe, watch.settings, now), taskId, watch);
  }

  #sleepUntil(atMs: number, taskId: string, watch: Watch): void {
    const leftMs = atMs - this.#clock.now();
    watch.cancelTimer =
      leftMs > limits.longestTimerMs
        ? this.#clock.setTimer(limits.longestTimerMs, () => this.#sleepUntil(atMs, taskId, watch))
        : this.#clock.setTimer(Math.max(0, leftMs), () => void this.#probe(taskId, watch));
  }

  async #probe(taskId: string, watch: Watch): Promise<void> {
    const { pauses } = watch;
    watch.probing = true;
    const result = await this.#run(taskId, watch.settings);
    watch.probing = false;
    if (watch.ended) return;
    if (pauses === watch.pauses) {
      const before = watch.probe.state;
      watch.probe = afterProbe(watch.probe, watch.settings, result, this.#clock.now());
      if (watch.probe.state !== before) watch.onChange();
    }
    if (watch.restingSinceMs === undefined) this.#schedule(taskId, watch);
  }

  async #run(taskId: string, settings: HealthSettings): Promise<Result> {
    const timeoutMs = Math.min(settings.timeoutMs, limits.longestTimerMs - limits.probeKillMs);
    const late: Result = { ok: false, output: `no answer within ${settings.timeoutMs} ms` };
    try {
      // Even a process that cannot be killed (it waits for a disk) must not end the probing.
      const patience = { what: 'the health check', limitMs: timeoutMs + limits.probeKillMs };
      return await patiently(this.#ask(taskId, settings.command, timeoutMs, late), patience, this.#clock);
    } catch (error) {
      return error instanceof TsoError && error.code === 'DEADLINE_EXCEEDED' ? late : { ok: false, output: sentenceOf(error) };
    }
  }

  async #ask(taskId: string, command: readonly string[], timeoutMs: number, late: Result): Promise<Result> {
    let process: ExecProcess | undefined;
    let isLate = false;
    const cancel = this.#clock.setTimer(timeoutMs, () => {
      isLate = true;
      process?.kill('SIGKILL');
    });
    try {
      const options = { command, user: '', workingDir: '', env: [], tty: false, interactive: false, privileged: false };
      process = await this.#containers.exec(taskId, options);
      if (isLate) process.kill('SIGKILL');
      process.endInput();
      const [stdout, stderr, code] = await Promise.all([collect(process.stdout), collect(process.stderr), process.exitCode]);
      if (isLate) return late;
      return { ok: code === 0, output: [stdout, stderr].filter((it) => it !== '').join(' ') || `exit code ${code}` };
    } finally {
      cancel();
    }
  }
}
