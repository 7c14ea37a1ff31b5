import { TsoError } from '@tso/proto';
import test from 'ava';
import { NotConvergedError } from './exit-codes.ts';
import { failureSentence, printFailure } from './failure.ts';
import { fakeIo } from './testing/fake-io.ts';

test('a failure is one line of what, why and what to do', (t) => {
  t.is(failureSentence(new TsoError('NOT_FOUND', 'there is no x.', { hint: 'Make one.' })), 'there is no x. Make one.');
  t.is(failureSentence(new TsoError('INTERNAL', 'two\nlines \u001b[2J')), 'two lines  [2J.');
});

test('as JSON it has code, message, hint and details', (t) => {
  const io = fakeIo();
  t.is(printFailure(io, new NotConvergedError('not yet', 'Wait.', { waiting: [] }), true), 3);
  t.deepEqual(JSON.parse(io.stderr.text), {
    error: { code: 'DEADLINE_EXCEEDED', message: 'not yet', hint: 'Wait.', details: { waiting: [] } },
  });
  t.is(io.stdout.text, '');
});

test('a bug has its stack trace only when asked for', (t) => {
  const quiet = fakeIo();
  t.is(printFailure(quiet, new Error('a bug'), false), 1);
  t.is(quiet.stderr.text, 'error: a bug.\n');
  const loud = fakeIo({ env: { TSO_DEBUG: '1' } });
  printFailure(loud, new Error('a bug'), false);
  t.regex(loud.stderr.text, /\n +at /);
});
