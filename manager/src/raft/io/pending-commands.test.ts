import test from 'ava';
import { outcomeOf } from './outcome.ts';
import { type Applied, PendingCommands } from './pending-commands.ts';

const pending = () => {
  const commands = new PendingCommands<string>();
  const add = (index: number, term: number, deadlineTick = 100): Promise<Applied<string>> =>
    new Promise((resolve, reject) => commands.add(index, { term, deadlineTick, resolve, reject }));
  return { commands, add };
};

test('a command resolves with its outcome when its entry is applied', async (t) => {
  const { commands, add } = pending();
  const [first, second] = [add(5, 2), add(6, 2)];
  commands.applied(5, 2, 'five');
  commands.applied(6, 2, 'six');
  t.deepEqual(
    [await first, await second],
    [
      { index: 5, outcome: 'five' },
      { index: 6, outcome: 'six' },
    ],
  );
  t.is(commands.size, 0);
});

test('a command whose place another term took was certainly not made', async (t) => {
  const { commands, add } = pending();
  const lost = add(5, 2);
  commands.applied(5, 3, 'other');
  t.is(outcomeOf(await t.throwsAsync(lost, { message: /another took its place/ })), 'refused');
});

test('a command whose place this manager gave away itself may have been kept by another', async (t) => {
  const { commands, add } = pending();
  const forgotten = add(7, 2);
  const again = add(7, 4);
  t.is(outcomeOf(await t.throwsAsync(forgotten, { message: /lost the lead/ })), 'unknown');
  commands.applied(7, 4, 'mine');
  t.like(await again, { outcome: 'mine' });
});

test('what a snapshot passed over, and what is late, may have been made', async (t) => {
  const { commands, add } = pending();
  const [passed, late, kept] = [add(5, 2), add(9, 2, 10), add(10, 2, 11)];
  commands.passed(8);
  t.is(outcomeOf(await t.throwsAsync(passed, { message: /snapshot/ })), 'unknown');
  commands.expire(10);
  t.is(outcomeOf(await t.throwsAsync(late, { message: /may still be made/ })), 'unknown');
  t.is(commands.size, 1);
  commands.applied(10, 2, 'ten');
  t.like(await kept, { index: 10 });
});
