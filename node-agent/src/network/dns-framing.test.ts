import test from 'ava';
import fc from 'fast-check';
import { framed, MessageReader } from './dns-framing.ts';

test('messages of a TCP stream come out as they went in, however it is cut', (t) => {
  fc.assert(
    fc.property(
      fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 5 }),
      fc.array(fc.integer({ min: 1, max: 17 }), { minLength: 1 }),
      (messages, cuts) => {
        const stream = Buffer.concat(messages.map(framed));
        const reader = new MessageReader();
        const seen: Uint8Array[] = [];
        for (let at = 0, step = 0; at < stream.length; step += 1) {
          const length = cuts[step % cuts.length] ?? 1;
          seen.push(...(reader.push(stream.subarray(at, at + length)) ?? []));
          at += length;
        }
        return seen.length === messages.length && seen.every((message, index) => Buffer.from(messages[index] ?? []).equals(message));
      },
    ),
  );
  t.pass();
});

test('a message that is announced longer than allowed is not waited for', (t) => {
  const reader = new MessageReader(100);
  t.is(reader.push(Uint8Array.of(0, 100))?.length, 0);
  t.is(new MessageReader(100).push(Uint8Array.of(0, 101)), undefined);
});
