import test from 'ava';
import { findProgram } from '../host-command.ts';
import { promptly } from './prompt-start.ts';

const invocation = { program: '/usr/bin/crun', args: ['exec', 'id'] };

test('a program is put before others where the host allows it, not what it starts, and left as it is elsewhere', (t) => {
  t.deepEqual(promptly(invocation, false), invocation);
  const chrt = findProgram('chrt');
  t.deepEqual(
    promptly(invocation, true),
    chrt === undefined ? invocation : { program: chrt, args: ['--rr', '--reset-on-fork', '1', '/usr/bin/crun', 'exec', 'id'] },
  );
});
