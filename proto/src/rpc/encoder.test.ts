import test from 'ava';
import fc from 'fast-check';
import { encode, type Messages } from '../index.ts';
import { arbitraryMessage } from '../testing/arbitrary-message.ts';
import { encodeMessage } from './encoder.ts';

const types = ['RaftPacket', 'StackView', 'ManagerMessage', 'Transaction'] as const satisfies readonly (keyof Messages)[];
const some = fc.oneof(...types.map((type) => arbitraryMessage(type).map((message) => ({ type, message: message as object }))));
/** Not what its type says, found out in the middle of encoding. */
const broken = { messages: { messages: [{ context: 'x', entries: [undefined] }] } };

test('one message after another is encoded as each would be alone, whatever went wrong in between', (t) => {
  fc.assert(
    fc.property(fc.array(fc.oneof(some, fc.constant(undefined)), { maxLength: 12 }), (steps) => {
      const kept: [Buffer, Uint8Array][] = [];
      for (const step of steps) {
        if (step === undefined) t.throws(() => encodeMessage('RaftPacket', broken));
        else kept.push([encodeMessage(step.type, step.message), encode(step.type, step.message as never)]);
      }
      // Compared at the end: nothing that comes later touches what was handed out.
      for (const [made, expected] of kept) t.true(made.equals(expected));
    }),
    { numRuns: 100 },
  );
});

test('a message of many megabytes is encoded whole, and small ones after it', (t) => {
  const chunk = new Uint8Array(9 * 1024 * 1024).fill(7);
  t.true(encodeMessage('SnapshotPart', { chunk }).equals(encode('SnapshotPart', { chunk })));
  t.is(encodeMessage('SnapshotPart', { chunk: Uint8Array.of(1) }).length, 3);
});
