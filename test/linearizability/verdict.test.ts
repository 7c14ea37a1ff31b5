import test from 'ava';
import fc from 'fast-check';
import { someOrderExplains } from './brute-force.ts';
import { generatedHistory, type HistoryEvent, historyText, seededNumbers } from './generated-history.ts';
import { type Operation, parseHistory } from './history.ts';
import { verdictText } from './report.ts';
import { checkHistory } from './verdict.ts';

const parsed = (text: string): readonly Operation[] => {
  const result = parseHistory(text);
  if ('problem' in result) throw new Error(result.problem);
  return result.operations;
};
const operationsOf = (events: readonly HistoryEvent[]): readonly Operation[] => parsed(historyText(events));

/** `0 write 1` invokes, `0 ok 1` answers: process, then what; a timeout is `0 info`. */
const history = (...lines: readonly string[]): readonly Operation[] => {
  const open = new Map<string, HistoryEvent>();
  const events = lines.map((line): HistoryEvent => {
    const [process = '', word = '', value = 'null'] = line.split(' ');
    const invoked = open.get(process);
    if (word === 'ok' || word === 'fail' || word === 'info') {
      if (invoked === undefined) throw new Error(line);
      return { ...invoked, type: word, value: invoked.f === 'read' ? JSON.parse(value) : invoked.value };
    }
    const event: HistoryEvent = { process: Number(process), type: 'invoke', f: word as 'read', key: 'x', value: JSON.parse(value) };
    open.set(process, event);
    return event;
  });
  return operationsOf(events);
};

const cases: readonly (readonly [string, boolean, readonly string[]])[] = [
  ['nothing at all', true, []],
  ['a read of null before any write', true, ['0 read', '0 ok null']],
  ['a read of null after a write', false, ['0 write 1', '0 ok', '1 read', '1 ok null']],
  ['a read of an older write', false, ['0 write 1', '0 ok', '0 write 2', '0 ok', '1 read', '1 ok 1']],
  ['a read of what nobody wrote', false, ['0 write 1', '0 ok', '1 read', '1 ok 7']],
  ['a read of a write that begins later', false, ['1 read', '1 ok 1', '0 write 1', '0 ok']],
  ['a read during a write, of the old or the new', true, ['0 write 1', '1 read', '1 ok 1', '0 ok']],
  ['reads during a write that go back', false, ['0 write 1', '1 read', '1 ok 1', '1 read', '1 ok null', '0 ok']],
  ['two writes at once, read in either order', true, ['0 write 1', '1 write 2', '1 ok', '0 ok', '2 read', '2 ok 2']],
  ['two writes at once, seen in two orders', false, ['0 write 1', '1 write 2', '1 ok', '0 ok', '2 read', '2 ok 2', '2 read', '2 ok 1']],
  ['a timed out write seen late', true, ['0 write 1', '0 info', '1 read', '1 ok null', '1 read', '1 ok 1']],
  ['a timed out write never seen', true, ['0 write 1', '0 info', '1 read', '1 ok null']],
  ['a timed out write seen and then gone', false, ['0 write 1', '0 info', '1 read', '1 ok 1', '1 read', '1 ok null']],
  ['a write without an answer at the end', true, ['0 write 1', '1 read', '1 ok 1']],
  ['a failed write seen', false, ['0 write 1', '0 fail', '1 read', '1 ok 1']],
  [
    'a timed out write seen twice with another write between',
    false,
    ['0 write 1', '0 info', '1 read', '1 ok 1', '1 write 2', '1 ok', '1 read', '1 ok 1'],
  ],
  ['a cas that fits', true, ['0 write 1', '0 ok', '0 cas [1,2]', '0 ok', '1 read', '1 ok 2']],
  ['a cas that does not fit', false, ['0 write 1', '0 ok', '0 cas [3,2]', '0 ok']],
  ['a cas from null', true, ['0 cas [null,2]', '0 ok', '1 read', '1 ok 2']],
  ['a failed cas', true, ['0 write 1', '0 ok', '0 cas [1,2]', '0 fail', '1 read', '1 ok 1']],
  ['two cas of one value', false, ['0 write 1', '0 ok', '0 cas [1,2]', '1 cas [1,3]', '0 ok', '1 ok']],
  [
    'two cas at once in a chain, answered backwards',
    true,
    ['0 write 1', '0 ok', '0 cas [2,3]', '1 cas [1,2]', '0 ok', '1 ok', '2 read', '2 ok 3'],
  ],
  ['a timed out cas between', true, ['0 write 1', '0 ok', '0 cas [1,2]', '0 info', '1 cas [2,3]', '1 ok', '2 read', '2 ok 3']],
];

for (const [title, expected, lines] of cases)
  test(`${title} is ${expected ? '' : 'not '}linearizable`, (t) => {
    t.is(checkHistory(history(...lines)).linearizable, expected);
  });

const shape = fc.record({
  operations: fc.integer({ min: 1, max: 40 }),
  clients: fc.integer({ min: 1, max: 8 }),
  keys: fc.integer({ min: 1, max: 3 }),
  timeouts: fc.constantFrom(0, 0.1, 0.4),
});
const seed = fc.integer({ min: 0, max: 0x7fff_ffff });

test('every history of a real register is accepted', (t) => {
  fc.assert(
    fc.property(seed, shape, (from, what) => checkHistory(operationsOf(generatedHistory(from, what))).linearizable),
    { numRuns: 300 },
  );
  fc.assert(
    fc.property(seed, shape, (from, what) => checkHistory(operationsOf(generatedHistory(from, { ...what, values: 3 }))).linearizable),
    { numRuns: 300 },
  );
  t.pass();
});

/** One read of a history with unique values returns something that no register could have given it. */
const mutations: Readonly<Record<string, (operations: readonly Operation[], read: Operation) => string | undefined>> = {
  'never written': () => '"nowhere"',
  'written only later': (operations, read) => {
    const later = operations.find((other) => other.action.f === 'write' && other.invokedAt > read.returnedAt)?.action;
    return later?.f === 'write' ? later.value : undefined;
  },
  'overwritten before it began': (operations, read) => {
    const writes = operations.filter((other) => other.action.f === 'write' && other.key === read.key && other.returnedAt < read.invokedAt);
    const old = writes.find((write) => writes.some((later) => later.invokedAt > write.returnedAt));
    return old?.action.f === 'write' ? old.action.value : undefined;
  },
};

for (const [what, wrongValue] of Object.entries(mutations))
  test(`a read of a value ${what} is always rejected`, (t) => {
    let mutated = 0;
    fc.assert(
      fc.property(seed, shape, seed, (from, form, pick) => {
        const operations = operationsOf(generatedHistory(from, form));
        const reads = operations.filter((operation) => operation.action.f === 'read');
        const read = reads[pick % Math.max(1, reads.length)];
        const value = read === undefined ? undefined : wrongValue(operations, read);
        if (read === undefined || value === undefined) return true;
        mutated += 1;
        const wrong = operations.map(
          (operation): Operation => (operation === read ? { ...read, action: { f: 'read', value } } : operation),
        );
        const verdict = checkHistory(wrong);
        return !verdict.linearizable && verdictText(wrong, verdict).includes('not linearizable');
      }),
      { numRuns: 300 },
    );
    t.true(mutated > 50, `only ${mutated} histories had something to break`);
  });

test('the search agrees with trying every order, on small histories that are right, wrong or full of equal values', (t) => {
  let broken = 0;
  fc.assert(
    fc.property(seed, fc.integer({ min: 2, max: 8 }), fc.boolean(), fc.constantFrom(0, 0.3), (from, count, unique, timeouts) => {
      const random = seededNumbers(from);
      const base = { operations: count, clients: 4, keys: 1, timeouts };
      const events = generatedHistory(from, unique ? base : { ...base, values: 3 });
      const operations = operationsOf(events).map((operation): Operation => {
        if (operation.action.f !== 'read' || random() < 0.5) return operation;
        const value = random() < 0.2 ? 'null' : String(Math.floor(random() * (unique ? count + 1 : 3)));
        return { ...operation, action: { f: 'read', value } };
      });
      const expected = someOrderExplains(operations);
      if (!expected) broken += 1;
      return checkHistory(operations).linearizable === expected;
    }),
    { numRuns: 2000 },
  );
  t.true(broken > 200);
});

test('the window holds only what is needed to see the fault', (t) => {
  const before = Array.from({ length: 200 }, (_, index) => [`0 write ${index + 10}`, '0 ok']).flat();
  const operations = history(...before, '0 write 1', '0 ok', '1 read', '1 ok 12', '0 write 2', '0 ok');
  const verdict = checkHistory(operations);
  if (verdict.linearizable) return t.fail();
  t.is(verdict.windows.length, 1);
  t.deepEqual(
    verdict.windows[0]?.operations.map((operation) => operation.action),
    [
      { f: 'write', value: '1' },
      { f: 'read', value: '12' },
    ],
  );
  t.regex(verdictText(operations, verdict), /403-404.*read 12.*here no order is left/);
});

test('keys are apart: one broken key is named, the others are not', (t) => {
  const events: HistoryEvent[] = ['a', 'b', 'c'].flatMap((key): HistoryEvent[] => [
    { process: 0, type: 'invoke', f: 'write', key, value: 1 },
    { process: 0, type: 'ok', f: 'write', key, value: 1 },
    { process: 0, type: 'invoke', f: 'read', key, value: null },
    { process: 0, type: 'ok', f: 'read', key, value: key === 'b' ? null : 1 },
  ]);
  const verdict = checkHistory(operationsOf(events));
  t.deepEqual(verdict.linearizable ? [] : verdict.windows.map((window) => window.key), ['"b"']);
});

test('170 operations of five clients on one key with few values, and 10,000 on ten keys, stay within small work', (t) => {
  for (const from of [1, 2, 3, 4, 5])
    t.true(
      checkHistory(operationsOf(generatedHistory(from, { operations: 170, clients: 5, keys: 1, timeouts: 0.1, values: 5 }))).linearizable,
    );
  t.true(checkHistory(operationsOf(generatedHistory(6, { operations: 10_000, clients: 20, keys: 10, timeouts: 0.05 }))).linearizable);
});
