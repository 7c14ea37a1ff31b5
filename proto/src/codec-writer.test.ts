import test from 'ava';
import fc from 'fast-check';
import { tso } from './gen/codec.js';
import { encode, type Messages } from './index.ts';
import { arbitraryMessage } from './testing/arbitrary-message.ts';

const types = ['RaftPacket', 'StackView', 'ManagerMessage', 'Transaction'] as const satisfies readonly (keyof Messages)[];
const some = fc.oneof(...types.map((type) => arbitraryMessage(type).map((message) => ({ type, message: message as object }))));
/** Not what its type says, found out in the middle of encoding. */
const broken = { messages: { messages: [{ context: 'x', entries: [undefined] }] } };

/** With a writer of its own. */
const alone = (type: (typeof types)[number], message: object): Uint8Array => {
  const codec = tso.v1[type];
  if (codec === undefined) throw new Error(`no message type ${type}`);
  return codec.encode(message).finish();
};

test('one message after another is encoded as each would be alone, whatever went wrong in between', (t) => {
  fc.assert(
    fc.property(fc.array(fc.oneof(some, fc.constant(undefined)), { maxLength: 12 }), (steps) => {
      const kept: [Uint8Array, Uint8Array][] = [];
      for (const step of steps) {
        if (step === undefined) t.throws(() => encode('RaftPacket', broken as never));
        else kept.push([encode(step.type, step.message as never), alone(step.type, step.message)]);
      }
      // Compared at the end: nothing that comes later touches what was handed out.
      for (const [made, expected] of kept) t.is(Buffer.compare(made, expected), 0);
    }),
    { numRuns: 100 },
  );
});

test('a message of many megabytes is encoded whole, and small ones after it', (t) => {
  const chunk = new Uint8Array(9 * 1024 * 1024).fill(7);
  t.is(encode('SnapshotPart', { chunk }).length, chunk.length + 5);
  t.is(encode('SnapshotPart', { chunk: Uint8Array.of(1) }).length, 3);
});
