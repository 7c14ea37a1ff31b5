import { openSync, writeSync } from 'node:fs';

/** One line of the serial port that the host reads. Everything the guest has to say is one of these. */
export type GuestLine =
  /** What the guest does from now on. */
  | { readonly step: string; readonly atMs: number }
  /** Something that was seen. */
  | { readonly fact: string; readonly value: unknown }
  /** A part of the work ended early; its remaining facts will not come. */
  | { readonly failed: string; readonly why: string }
  | { readonly end: true; readonly atMs: number };

/** What a fact belongs to: its name begins with it. */
export type Part = 'guest' | 'cgroup' | 'crun' | 'runc' | 'tunnels';

const port = openSync('/dev/ttyS1', 'w');

const say = (line: GuestLine): void => {
  const text = Buffer.from(`${JSON.stringify(line)}\n`);
  // A serial port takes what its buffer holds: the rest is written again.
  for (let from = 0; from < text.length; ) from += writeSync(port, text, from);
};

const sinceBootMs = (): number => Math.round(performance.timeOrigin + performance.now() - bootedAtMs);
let bootedAtMs = 0;

/** Instants are told in milliseconds since the kernel started. */
export const startReport = (uptimeMs: number): void => {
  bootedAtMs = performance.timeOrigin + performance.now() - uptimeMs;
};

export const step = (what: string): void => say({ step: what, atMs: sinceBootMs() });

export const fact = (part: Part, name: string, value: unknown): void => say({ fact: `${part}: ${name}`, value });

export const end = (): void => say({ end: true, atMs: sinceBootMs() });

/** Does one part of the work. When it fails the others go on, and the host is told which part and why. */
export const part = async (name: Part, work: () => Promise<void>): Promise<void> => {
  try {
    await work();
  } catch (error) {
    say({ failed: name, why: error instanceof Error ? error.message : String(error) });
  }
};
