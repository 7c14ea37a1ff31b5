import { type ChildProcess, spawn } from 'node:child_process';
import { type Clock, type Lifecycle, type Logger, sentenceOf, TsoError } from '@tso/proto';
import { limits } from '../limits.ts';
import { type AgentPaths, managerSocket, managerStateDir } from '../paths.ts';
import { patiently } from '../task/patience.ts';
import { type ManagerOrder, type ManagerSettings, settingsFlags } from './manager-flags.ts';
import { type ManagerWord, wordOf } from './manager-word.ts';

export interface ManagerChildOptions {
  readonly paths: AgentPaths;
  /** Entry file of the manager program. */
  readonly entry: string;
  readonly logLevel: string;
  /** Further flags for it. */
  readonly flags?: readonly string[];
  /** What runs it. @default the program that runs this */
  readonly program?: string;
}

export interface ManagerChildPorts {
  readonly clock: Clock;
  readonly logger: Logger;
}

/** What it tells of the cluster's affairs. */
export interface ManagerEvents {
  /** What the key of this node and of the manager's state is sealed with from now on; empty: nothing. */
  readonly onUnlockKey: (key: string) => void;
  /** It left the group for good, and is not started again. */
  readonly onRemoved: () => void;
  /** It waits for the unlock key, or for another one. */
  readonly onLocked: () => void;
  /** It answers, after whichever start. */
  readonly onReady: () => void;
}

/** How a child ended, or why it never began. */
interface End {
  readonly code: number | null;
  readonly signal: string | null;
  readonly error?: string;
}

/** How a start went. `slow`: neither in time. */
export type ManagerAnswer =
  | { readonly kind: 'ready' }
  | { readonly kind: 'locked'; readonly why: string }
  | { readonly kind: 'failed'; readonly message: string }
  | { readonly kind: 'slow' };

export type ManagerState = 'none' | 'starting' | 'locked' | 'ready';

const quiet: ManagerEvents = {
  onUnlockKey: () => undefined,
  onRemoved: () => undefined,
  onLocked: () => undefined,
  onReady: () => undefined,
};

/** Supervises the manager, a process of its own so that its heartbeats never wait behind an image unpack. */
export class ManagerChild implements Lifecycle {
  readonly #options: ManagerChildOptions;
  readonly #clock: Clock;
  readonly #logger: Logger;
  #events: ManagerEvents = quiet;
  /** Undefined: none is to run. */
  #settings: (() => ManagerSettings) | undefined;
  #child: ChildProcess | undefined;
  #state: ManagerState = 'none';
  /** Resolves when `#child` has ended. */
  #ended: Promise<End> = Promise.resolve({ code: null, signal: null });
  #answer = Promise.withResolvers<ManagerAnswer>();
  /** The question for figures that is not answered yet: whoever asks meanwhile, also one that hangs, shares it. */
  #figures: { readonly id: number; readonly text: PromiseWithResolvers<string> } | undefined;
  #nextFigures = 1;
  #stopping = false;
  #pauseMs: number = limits.managerRestartMinMs;
  #cancelRestart: () => void = () => undefined;

  constructor(options: ManagerChildOptions, ports: ManagerChildPorts) {
    this.#options = options;
    this.#clock = ports.clock;
    this.#logger = ports.logger;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  get state(): ManagerState {
    return this.#child === undefined ? 'none' : this.#state;
  }

  /** Whether one runs, is between two lives, or is just ending. */
  get isThere(): boolean {
    return this.#settings !== undefined || this.#child !== undefined;
  }

  listen(events: ManagerEvents): void {
    this.#events = events;
  }

  /** Nothing runs before run(). */
  async start(): Promise<void> {
    this.#stopping = false;
  }

  /**
   * Runs the manager from now on, with these settings, asked for anew at each of its starts. Resolves when it answers, when it ended early
   * (it is then started again), or when it has taken longer than `managerStartMs`.
   */
  async run(settings: () => ManagerSettings, order?: ManagerOrder): Promise<ManagerAnswer> {
    if (this.#stopping) return { kind: 'failed', message: 'the agent is stopping' };
    this.#settings = settings;
    this.#cancelRestart();
    if (this.#child === undefined) this.#spawn(settings(), order);
    return this.#answered();
  }

  /** Ends the manager, and starts it with an order for this one start; after that it runs as it did. FAILED_PRECONDITION: none runs. */
  async order(order: ManagerOrder): Promise<ManagerAnswer> {
    const settings = this.#settings;
    if (settings === undefined) throw new TsoError('FAILED_PRECONDITION', 'this node runs no manager that could begin a new cluster');
    await this.halt();
    return this.run(settings, order);
  }

  /** Gives a locked manager a key; resolves with how that went: `locked` when it needs another one. */
  async unlock(key: string): Promise<ManagerAnswer> {
    if (this.state !== 'locked') return { kind: 'failed', message: 'the manager of this node does not wait for a key' };
    this.#state = 'starting';
    this.#answer = Promise.withResolvers();
    this.#say({ type: 'unlock', key });
    return this.#answered();
  }

  /** There is another certificate in the identity directory. Without a manager nobody has to know. */
  renewTls(): void {
    if (this.#child !== undefined) this.#say({ type: 'renew-tls' });
  }

  /** What it measures, in the Prometheus exposition format; empty: none runs. Never rejects, and does not resolve when it hangs. */
  metrics(): Promise<string> {
    if (this.state !== 'ready') return Promise.resolve('');
    if (this.#figures === undefined) {
      this.#figures = { id: this.#nextFigures++, text: Promise.withResolvers() };
      this.#say({ type: 'metrics', id: this.#figures.id });
    }
    return this.#figures.text.promise;
  }

  /** Ends the manager, and none runs until run(). Bounded by `managerStopMs`. */
  async halt(): Promise<void> {
    this.#settings = undefined;
    this.#cancelRestart();
    const child = this.#child;
    if (child === undefined) return;
    child.kill('SIGTERM');
    const cancel = this.#clock.setTimer(limits.managerStopMs, () => child.kill('SIGKILL'));
    await this.#ended;
    cancel();
  }

  /** As halt(), and for good until start(). */
  async stop(): Promise<void> {
    this.#stopping = true;
    await this.halt();
  }

  #tellFigures(text: string): void {
    this.#figures?.text.resolve(text);
    this.#figures = undefined;
  }

  #say(message: object): void {
    this.#child?.send(message, (error) => {
      // It is just ending: its next life reads what it needs from the disk.
      if (error !== null) this.#logger.debug({ error: error.message }, 'the manager was not told');
    });
  }

  #spawn(settings: ManagerSettings, order?: ManagerOrder): void {
    const startedAt = this.#clock.monotonic();
    const args = [...this.#args(), ...settingsFlags(settings, order)];
    const child = spawn(this.#options.program ?? process.execPath, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    this.#child = child;
    this.#state = 'starting';
    const answer = Promise.withResolvers<ManagerAnswer>();
    this.#answer = answer;
    this.#ended = new Promise<End>((resolve) => {
      child.once('exit', (code, signal) => {
        // Its last words may still be on their way: the channel closes behind them.
        if (child.connected) child.once('disconnect', () => resolve({ code, signal }));
        else resolve({ code, signal });
      });
      // Without a pid it never began, and no exit follows. An error later on (a signal that could not be sent) ends nothing.
      child.on('error', (error) => child.pid === undefined && resolve({ code: null, signal: null, error: error.message }));
    });
    child.on('message', (message) => this.#hear(child, wordOf(message)));
    void this.#ended.then((end) => {
      if (this.#child !== child) return;
      this.#child = undefined;
      this.#tellFigures('');
      this.#answer.resolve({ kind: 'failed', message: end.error ?? `it ended with ${end.signal ?? `exit code ${end.code}`}` });
      if (this.#settings !== undefined) this.#restartLater(this.#clock.monotonic() - startedAt, end);
    });
  }

  #hear(child: ChildProcess, word: ManagerWord | undefined): void {
    if (this.#child !== child || word === undefined) return;
    switch (word.type) {
      case 'ready':
        this.#state = 'ready';
        this.#answer.resolve({ kind: 'ready' });
        this.#events.onReady();
        break;
      case 'locked':
        this.#state = 'locked';
        this.#answer.resolve({ kind: 'locked', why: word.why });
        this.#events.onLocked();
        break;
      case 'failed':
        this.#answer.resolve({ kind: 'failed', message: word.message });
        break;
      case 'unlock-key':
        this.#events.onUnlockKey(word.key);
        break;
      case 'metrics':
        if (word.id === this.#figures?.id) this.#tellFigures(word.text);
        break;
      case 'removed':
        this.#settings = undefined;
        this.#events.onRemoved();
        break;
      default:
        word satisfies never;
    }
  }

  async #answered(): Promise<ManagerAnswer> {
    const patience = { what: 'the start of the manager', limitMs: limits.managerStartMs };
    try {
      return await patiently(this.#answer.promise, patience, this.#clock);
    } catch (error) {
      this.#logger.warn({ error: sentenceOf(error), pid: this.pid }, 'the manager is not ready yet; goes on without it');
      return { kind: 'slow' };
    }
  }

  #args(): readonly string[] {
    const { paths, entry, logLevel, flags = [] } = this.#options;
    // Behind -- Node.js takes no word for itself.
    return ['--', entry, '--state-dir', managerStateDir(paths), '--socket', managerSocket(paths), '--log-level', logLevel, ...flags];
  }

  #restartLater(livedMs: number, end: End): void {
    this.#pauseMs =
      livedMs > limits.managerRestartMaxMs ? limits.managerRestartMinMs : Math.min(this.#pauseMs * 2, limits.managerRestartMaxMs);
    this.#logger.error({ ...end, pauseMs: this.#pauseMs }, 'the manager ended unexpectedly and is started again');
    this.#cancelRestart = this.#clock.setTimer(this.#pauseMs, () => {
      if (this.#settings !== undefined && this.#child === undefined) this.#spawn(this.#settings());
    });
  }
}
