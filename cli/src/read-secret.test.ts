import { EventEmitter } from 'node:events';
import { TsoError } from '@tso/proto';
import test from 'ava';
import type { Input } from './io.ts';
import { askSecret } from './read-secret.ts';
import { fakeIo } from './testing/fake-io.ts';

/** A terminal whose keys the test presses. */
class Keyboard extends EventEmitter implements Input {
  readonly isTTY = true;
  paused = true;
  pause(): void {
    this.paused = true;
  }
  resume(): void {
    this.paused = false;
  }
  async *[Symbol.asyncIterator](): AsyncIterator<unknown> {}
  press(keys: string): void {
    this.emit('data', Buffer.from(keys));
  }
}

const atTerminal = () => {
  const keyboard = new Keyboard();
  const raw: boolean[] = [];
  const io = { ...fakeIo({ terminal: { columns: 80, rows: 24 } }), stdin: keyboard, setRawTerminal: (on: boolean) => void raw.push(on) };
  return { keyboard, raw, io };
};

test('a secret is typed unseen, corrected, and ended with Return', async (t) => {
  const { keyboard, raw, io } = atTerminal();
  const asked = askSecret(io, 'Unlock key');
  keyboard.press('wrong\u0015TSO-KEX');
  keyboard.press('\u007fY\u001b');
  keyboard.press('-1\r');
  t.is(await asked, 'TSO-KEY-1');
  t.is(io.stderr.text, 'Unlock key: \n');
  t.is(io.stdout.text, '');
  t.deepEqual(raw, [true, false]);
  t.true(keyboard.paused);
});

test('Ctrl-C, Ctrl-D and the end of the terminal give up, and the terminal is as it was', async (t) => {
  for (const end of ['\u0003', '\u0004', undefined]) {
    const { keyboard, raw, io } = atTerminal();
    const asked = askSecret(io, 'Unlock key');
    if (end === undefined) keyboard.emit('end');
    else keyboard.press(end);
    t.is((await t.throwsAsync(asked, { instanceOf: TsoError })).code, 'CANCELLED');
    t.deepEqual(raw, [true, false]);
  }
});

test('what is piped in is read whole, and something far too long is refused', async (t) => {
  t.is(await askSecret(fakeIo({ stdin: '  TSO-KEY-1-x\n' }), 'the key'), 'TSO-KEY-1-x');
  const error = await t.throwsAsync(askSecret(fakeIo({ stdin: 'x'.repeat(5_000) }), 'the key'), { instanceOf: TsoError });
  t.is(error.message, 'the key is longer than 4096 bytes, so it is something else');
});
