// Histories of clients as JSON lines: {"process": n, "type": "invoke|ok|fail|info", "f": "read|write|cas", "key": k, "value": v}.
// The order of the lines is the order in real time.

/** A JSON value in one canonical text, so that two values are equal when their texts are. `null` is the text "null". */
export type ValueText = string;

export type Action =
  | { readonly f: 'read'; readonly value: ValueText }
  | { readonly f: 'write'; readonly value: ValueText }
  | { readonly f: 'cas'; readonly from: ValueText; readonly to: ValueText };

/** One operation that took effect, or may have: those that failed and reads without an answer say nothing and are left out. */
export interface Operation {
  readonly process: number;
  readonly key: string;
  readonly action: Action;
  /** Index of its invocation in the order of events; unique. */
  readonly invokedAt: number;
  /** Index of its answer; infinite for a timeout, whose effect may come at any later time or never. */
  readonly returnedAt: number;
  /** Lines of the file, from 1; no second one when the answer never came. */
  readonly lines: readonly [number, number?];
}

export type Parsed = { readonly operations: readonly Operation[] } | { readonly problem: string };

type Kind = 'read' | 'write' | 'cas';
interface Line {
  readonly number: number;
  readonly process: number;
  readonly type: 'invoke' | 'ok' | 'fail' | 'info';
  readonly f: Kind;
  readonly key: string;
  readonly value: unknown;
}

const nothing: ValueText = 'null';
/** What a key holds before the first write. */
export const initialValue: ValueText = nothing;

/** Object keys in order, so that equal values have equal texts. */
export const valueText = (value: unknown): ValueText =>
  JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );

class BadLine extends Error {}

const types: readonly unknown[] = ['invoke', 'ok', 'fail', 'info'];
const kinds: readonly unknown[] = ['read', 'write', 'cas'];

const parseLine = (text: string, number: number): Line => {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    throw new BadLine('is not JSON', { cause: error });
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) throw new BadLine('is not a JSON object');
  const { process, type, f, key, value } = parsed as Readonly<Record<string, unknown>>;
  if (typeof process !== 'number' || !Number.isInteger(process)) throw new BadLine('has no "process" that is a whole number');
  if (!types.includes(type)) throw new BadLine(`has type ${JSON.stringify(type)}: it must be invoke, ok, fail or info`);
  if (!kinds.includes(f)) throw new BadLine(`has f ${JSON.stringify(f)}: it must be read, write or cas`);
  if (typeof key !== 'string' && typeof key !== 'number') throw new BadLine('has no "key" that is a string or a number');
  return { number, process, type: type as Line['type'], f: f as Kind, key: valueText(key), value };
};

const casPair = (value: unknown): readonly [unknown, unknown] => {
  if (!Array.isArray(value) || value.length !== 2) throw new BadLine('is a cas whose value is not [from, to]');
  return [value[0], value[1]];
};

const checkInvocation = (line: Line): void => {
  if (line.f === 'cas') casPair(line.value);
  else if (line.f === 'read' && line.value !== undefined && line.value !== null)
    throw new BadLine('invokes a read with a value: what it reads belongs into its ok');
  else if (line.f === 'write' && line.value === undefined) throw new BadLine('invokes a write without a value');
};

const checkAnswer = (invoked: Line, answer: Line): void => {
  if (answer.f !== invoked.f || answer.key !== invoked.key)
    throw new BadLine(
      `answers a ${answer.f} of key ${answer.key}, but line ${invoked.number} invoked a ${invoked.f} of key ${invoked.key}`,
    );
  if (answer.type !== 'ok') return;
  if (answer.f === 'read') {
    if (answer.value === undefined) throw new BadLine('is an ok of a read without the value that was read');
  } else if (answer.value !== undefined && valueText(answer.value) !== valueText(invoked.value))
    throw new BadLine(`answers with value ${valueText(answer.value)}, but line ${invoked.number} invoked ${valueText(invoked.value)}`);
};

const actionOf = (invoked: Line, answer: Line | undefined): Action => {
  if (invoked.f === 'read') return { f: 'read', value: valueText(answer?.value ?? null) };
  if (invoked.f === 'write') return { f: 'write', value: valueText(invoked.value) };
  const [from, to] = casPair(invoked.value);
  return { f: 'cas', from: valueText(from), to: valueText(to) };
};

const operationOf = (invoked: Line, answer: Line | undefined): Operation | undefined => {
  const known = answer?.type === 'ok';
  if (answer?.type === 'fail' || (invoked.f === 'read' && !known)) return undefined;
  return {
    process: invoked.process,
    key: invoked.key,
    action: actionOf(invoked, answer),
    invokedAt: invoked.number,
    returnedAt: known ? answer.number : Number.POSITIVE_INFINITY,
    lines: answer === undefined ? [invoked.number] : [invoked.number, answer.number],
  };
};

/** Operations in the order of their invocation, or one sentence that names the line that is wrong. Empty lines are passed over. */
export const parseHistory = (text: string): Parsed => {
  const open = new Map<number, Line>();
  const operations: Operation[] = [];
  const close = (invoked: Line, answer: Line | undefined): void => {
    const operation = operationOf(invoked, answer);
    if (operation !== undefined) operations.push(operation);
  };
  const take = (line: Line): void => {
    const invoked = open.get(line.process);
    if (line.type === 'invoke') {
      if (invoked !== undefined)
        throw new BadLine(`invokes while process ${line.process} still waits for the answer to line ${invoked.number}`);
      checkInvocation(line);
      open.set(line.process, line);
      return;
    }
    if (invoked === undefined) throw new BadLine(`answers, but process ${line.process} has invoked nothing`);
    checkAnswer(invoked, line);
    open.delete(line.process);
    close(invoked, line);
  };
  for (const [index, raw] of text.split('\n').entries()) {
    if (raw.trim() === '') continue;
    try {
      take(parseLine(raw, index + 1));
    } catch (error) {
      if (error instanceof BadLine) return { problem: `line ${index + 1} ${error.message}` };
      throw error;
    }
  }
  for (const invoked of open.values()) close(invoked, undefined);
  return { operations: operations.sort((a, b) => a.invokedAt - b.invokedAt) };
};
