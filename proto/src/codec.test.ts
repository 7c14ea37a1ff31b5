import test from 'ava';
import fc from 'fast-check';
import { decode, emptyMeta, emptyServiceSpec, encode, type Messages, newTaskStatus, TsoError } from './index.ts';
import { arbitraryMessage, messageTypes } from './testing/arbitrary-message.ts';

/** Bytes fields come back as Buffers, which are byte arrays to every reader but deepEqual. */
const plain = (value: unknown): unknown => {
  if (value instanceof Uint8Array) return [...value];
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item)]));
  return value;
};

const isRefusal = (error: unknown): boolean => error instanceof TsoError && error.code === 'INVALID_ARGUMENT';

for (const type of messageTypes) {
  test(`a ${type} comes back from the wire as it was`, (t) => {
    fc.assert(
      fc.property(arbitraryMessage(type), (message) => {
        t.deepEqual(plain(decode(type, encode(type, message))), plain(message));
      }),
      { numRuns: 25 },
    );
  });
}

test('bytes that are no message are refused with INVALID_ARGUMENT, and nothing else is thrown', (t) => {
  fc.assert(
    fc.property(fc.constantFrom(...messageTypes), fc.uint8Array({ maxLength: 200 }), (type, bytes) => {
      try {
        decode(type, bytes);
      } catch (error) {
        t.true(isRefusal(error), String(error));
      }
    }),
    { numRuns: 2_000 },
  );
  t.pass();
});

test('a message cut short is refused or is not the same message', (t) => {
  const spec = { name: 'shop', services: [{ ...emptyServiceSpec, name: 'web' }], networks: [], volumes: [], files: [] };
  const whole = encode('StackSpec', spec);
  for (let length = 0; length < whole.length; length += 1) {
    try {
      t.notDeepEqual(decode('StackSpec', whole.slice(0, length)), spec);
    } catch (error) {
      t.true(isRefusal(error), String(error));
    }
  }
});

test('a part that must be there is named when it is missing', (t) => {
  const bytes = encode('TaskView', {
    task: { meta: emptyMeta, spec: emptyServiceSpec.task } as Messages['Task'],
    node: 'a',
    addresses: [],
  });
  const error = t.throws(() => decode('TaskView', bytes), { instanceOf: TsoError });
  t.is(error.code, 'INVALID_ARGUMENT');
  t.is(error.message, 'TaskView.task.status is missing from the message');
});

test('a missing part inside a list is named with its place', (t) => {
  const update = { taskId: 'a', status: newTaskStatus };
  const bytes = encode('StatusReport', { updates: [update, { taskId: 'b' } as Messages['TaskStatusUpdate']], sequence: 1 });
  const error = t.throws(() => decode('StatusReport', bytes), { instanceOf: TsoError });
  t.is(error.message, 'StatusReport.updates[1].status is missing from the message');
});

test('what is optional is absent unless it was set, zero included', (t) => {
  const absent = decode('TaskStatus', encode('TaskStatus', newTaskStatus));
  t.false('exitCode' in absent && absent.exitCode !== undefined);
  const zero = decode('TaskStatus', encode('TaskStatus', { ...newTaskStatus, exitCode: 0 }));
  t.is(zero.exitCode, 0);
  const none = decode('ContainerSpec', encode('ContainerSpec', { ...emptyServiceSpec.task.container }));
  t.is(none.entrypoint, undefined);
  const empty = decode('ContainerSpec', encode('ContainerSpec', { ...emptyServiceSpec.task.container, entrypoint: { values: [] } }));
  t.deepEqual(empty.entrypoint, { values: [] });
});

test('whole numbers up to 2^53 - 1 are exact, negative ones too', (t) => {
  const { MAX_SAFE_INTEGER: most, MIN_SAFE_INTEGER: least } = Number;
  const resources = { nanoCpus: most, memoryBytes: least, pids: -1 };
  t.deepEqual(decode('Resources', encode('Resources', resources)), resources);
  t.is(decode('Meta', encode('Meta', { ...emptyMeta, version: most })).version, most);
});

test('a whole number that a JavaScript number cannot hold is refused, not rounded', (t) => {
  const varint = Uint8Array.from([0x08, 0x81, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x10]); // field 1: 2^53 + 1
  const error = t.throws(() => decode('Meta', varint), { instanceOf: TsoError });
  t.is(error.code, 'INVALID_ARGUMENT');
});

test('fields of a newer release are passed over', (t) => {
  const known = encode('Heartbeat', { sequence: 7, usage: [] });
  const withUnknown = Uint8Array.from([...known, 0xfa, 0x01, 0x03, 1, 2, 3]); // field 31, three bytes
  t.deepEqual(decode('Heartbeat', withUnknown), { sequence: 7, usage: [] });
});
