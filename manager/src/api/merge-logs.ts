import type { LogLine, LogsReply } from '@tso/proto';

const isBefore = (a: LogLine, b: LogLine): boolean => a.atNsHigh < b.atNsHigh || (a.atNsHigh === b.atNsHigh && a.atNsLow < b.atNsLow);

interface Source {
  readonly iterator: AsyncIterator<LogsReply>;
  head: LogsReply | undefined;
}

const advance = async (source: Source): Promise<void> => {
  const next = await source.iterator.next();
  source.head = next.done === true ? undefined : next.value;
};

const earliest = (sources: readonly Source[]): Source | undefined => {
  let first: Source | undefined;
  for (const source of sources) {
    if (source.head === undefined) continue;
    const line = source.head.line;
    // A warning has no time: it goes before everything else.
    if (line === undefined) return source;
    if (first?.head?.line === undefined || isBefore(line, first.head.line)) first = source;
  }
  return first;
};

/** Ordered sources as one ordered stream; of equal instants the earlier source's line comes first. Holds one line of each. */
export const mergeByTime = async function* (iterables: readonly AsyncIterable<LogsReply>[]): AsyncIterable<LogsReply> {
  const sources: Source[] = iterables.map((iterable) => ({ iterator: iterable[Symbol.asyncIterator](), head: undefined }));
  try {
    await Promise.all(sources.map(advance));
    for (let source = earliest(sources); source !== undefined; source = earliest(sources)) {
      if (source.head !== undefined) yield source.head;
      await advance(source);
    }
  } finally {
    await Promise.all(sources.map(({ iterator }) => iterator.return?.()));
  }
};
