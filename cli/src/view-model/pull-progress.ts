/** One line of a pull as the daemon streams it (Docker Engine API, JSONMessage). */
export interface PullMessage {
  readonly stream?: string;
  readonly status?: string;
  readonly id?: string;
  readonly progressDetail?: { readonly current?: number; readonly total?: number };
}

export interface LayerProgress {
  readonly id: string;
  readonly status: string;
  readonly current: number;
  /** 0: not known. */
  readonly total: number;
}

export interface PullState {
  /** In the order they were first heard of. */
  readonly layers: ReadonlyMap<string, LayerProgress>;
  /** What the last message said when it was worth a line: not for every few bytes more. */
  readonly line: string | undefined;
}

export const startPull: PullState = { layers: new Map(), line: undefined };

/** The state after one more message. */
export const observePull = (state: PullState, message: PullMessage): PullState => {
  const text = (message.status ?? message.stream ?? '').trim();
  // A `stream` is said as it is; an id beside it says what it is about, not which layer.
  if (message.stream !== undefined || message.id === undefined || message.id === '')
    return { ...state, line: text === '' ? undefined : text };
  const before = state.layers.get(message.id);
  const total = message.progressDetail?.total ?? before?.total ?? 0;
  const layer = {
    id: message.id,
    status: text,
    total,
    current: message.progressDetail?.current ?? (before?.status === text ? before.current : 0),
  };
  const layers = new Map(state.layers).set(message.id, layer);
  return { layers, line: before?.status === text ? undefined : `${message.id}: ${text}` };
};

/** `[=====>    ]` of the given inner width; empty when the end is not known. */
export const barOf = (layer: LayerProgress, width: number): string => {
  if (layer.total <= 0) return '';
  const done = Math.min(width, Math.floor((layer.current / layer.total) * width));
  return `[${'='.repeat(done)}${done < width ? '>' : ''}${' '.repeat(Math.max(0, width - done - 1))}]`;
};
