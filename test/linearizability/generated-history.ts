// Histories of a real register: clients overlap at random, and each operation takes effect at one instant within its time.

export interface HistoryEvent {
  readonly process: number;
  readonly type: 'invoke' | 'ok' | 'fail' | 'info';
  readonly f: 'read' | 'write' | 'cas';
  readonly key: string;
  readonly value: unknown;
}

export interface HistoryShape {
  readonly operations: number;
  readonly clients: number;
  readonly keys: number;
  /** Share of operations that time out. */
  readonly timeouts: number;
  /** Values are 0…n-1 again and again; without it each written value is unique. */
  readonly values?: number;
}

/** mulberry32: a small generator of uniform numbers in [0, 1), the same for the same seed on every machine. */
export const seededNumbers = (seed: number): (() => number) => {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000;
  };
};

interface Running {
  readonly process: number;
  readonly f: HistoryEvent['f'];
  readonly key: string;
  readonly value: unknown;
  applied?: { readonly ok: boolean; readonly value: unknown };
  readonly timesOut: boolean;
}

/** Each step begins, applies or answers one client's operation; a timed out one may be applied long after, or never. */
export const generatedHistory = (seed: number, shape: HistoryShape): readonly HistoryEvent[] => {
  const random = seededNumbers(seed);
  const below = (limit: number): number => Math.floor(random() * limit);
  const register = new Map<string, unknown>();
  const events: HistoryEvent[] = [];
  const clients: (Running | undefined)[] = Array.from({ length: shape.clients }, () => undefined);
  const left: Running[] = [];
  let begun = 0;
  const begin = (index: number): void => {
    begun += 1;
    const f = (['read', 'write', 'cas'] as const)[below(3)] ?? 'read';
    const key = `k${below(shape.keys)}`;
    const next = shape.values === undefined ? begun : below(shape.values);
    const from = random() < 0.6 ? (register.get(key) ?? null) : below(shape.values ?? begun);
    const value = f === 'read' ? null : f === 'write' ? next : [from, next];
    const running: Running = { process: index, f, key, value, timesOut: random() < shape.timeouts };
    clients[index] = running;
    events.push({ process: index, type: 'invoke', f, key, value });
  };
  const apply = (running: Running): void => {
    const { f, key, value } = running;
    const held = register.get(key) ?? null;
    const [from, to] = Array.isArray(value) ? value : [held, value];
    const ok = f !== 'cas' || held === from;
    if (ok && f !== 'read') register.set(key, to);
    running.applied = { ok, value: f === 'read' ? held : value };
  };
  const answer = (index: number, running: Running): void => {
    const { process, f, key, value, applied } = running;
    clients[index] = undefined;
    if (running.timesOut) {
      events.push({ process, type: 'info', f, key, value });
      if (applied === undefined) left.push(running);
    } else events.push({ process, type: applied?.ok === true ? 'ok' : 'fail', f, key, value: applied?.value ?? null });
  };
  const advance = (index: number, running: Running): void => {
    if (running.applied === undefined && !(running.timesOut && random() < 0.6)) apply(running);
    else answer(index, running);
  };
  while (begun < shape.operations || clients.some((client) => client !== undefined)) {
    if (left.length > 0 && random() < 0.05) left.splice(below(left.length), 1).forEach(apply);
    const index = below(shape.clients);
    const running = clients[index];
    if (running !== undefined) advance(index, running);
    else if (begun < shape.operations) begin(index);
  }
  return events;
};

export const historyText = (events: readonly HistoryEvent[]): string => events.map((event) => `${JSON.stringify(event)}\n`).join('');
