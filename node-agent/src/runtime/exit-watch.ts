import { existsSync, type FSWatcher, watch } from 'node:fs';
import type { Clock, Logger } from '@tso/proto';
import { isAlive, type ProcessIdentity } from './processes.ts';

export interface ExitWatchOptions {
  readonly exitsDir: string;
}

export interface ExitWatchPorts {
  readonly clock: Clock;
  readonly logger: Logger;
  /** Makes the folder anew. */
  readonly prepare: () => void;
}

/** A monitor that was killed leaves no exit file and no event: each is looked at this often, which reads one small file of /proc. */
const lookEveryMs = 1_000;

/** Says which of the watched containers ended or lost its monitor, each once. Exit files come by inotify, the rest by looking. */
export class ExitWatch {
  readonly #options: ExitWatchOptions;
  readonly #ports: ExitWatchPorts;
  readonly #watched = new Map<string, ProcessIdentity>();
  readonly #listeners = new Set<(id: string) => void>();
  #watcher: FSWatcher | undefined;
  #cancel: (() => void) | undefined;

  constructor(options: ExitWatchOptions, ports: ExitWatchPorts) {
    this.#options = options;
    this.#ports = ports;
  }

  start(): void {
    this.#open();
    this.#schedule();
  }

  stop(): void {
    this.#watcher?.close();
    this.#watcher = undefined;
    this.#cancel?.();
    this.#cancel = undefined;
  }

  onChange(listener: (id: string) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Watches a container that has not ended, by its monitor. */
  add(id: string, conmon: ProcessIdentity): void {
    this.#watched.set(id, conmon);
  }

  /** Says nothing about the container any more. */
  drop(id: string): void {
    this.#watched.delete(id);
  }

  /** The monitor of a watched container, which is known here even when its files are gone. */
  conmonOf(id: string): ProcessIdentity | undefined {
    return this.#watched.get(id);
  }

  #open(): void {
    this.#watcher?.close();
    this.#watcher = watch(this.#options.exitsDir, { persistent: false }, (_event, name) => {
      // conmon writes under another name first and renames.
      if (name !== null && existsSync(`${this.#options.exitsDir}/${name}`)) this.#announce(name);
    });
    this.#watcher.on('error', (error) =>
      this.#ports.logger.warn({ error: error.message }, 'the folder of exit files is no longer watched; looking goes on'),
    );
  }

  #schedule(): void {
    this.#cancel = this.#ports.clock.setTimer(lookEveryMs, () => {
      this.#look();
      this.#schedule();
    });
  }

  #look(): void {
    if (!existsSync(this.#options.exitsDir)) {
      this.#ports.logger.warn(
        { dir: this.#options.exitsDir },
        'the run directory was wiped: it is made anew, its containers count as lost',
      );
      this.#ports.prepare();
      this.#open();
      for (const id of [...this.#watched.keys()]) this.#announce(id);
      return;
    }
    for (const [id, conmon] of [...this.#watched]) {
      if (!isAlive(conmon)) this.#announce(id);
    }
  }

  #announce(id: string): void {
    if (!this.#watched.delete(id)) return;
    for (const listener of this.#listeners) listener(id);
  }
}
