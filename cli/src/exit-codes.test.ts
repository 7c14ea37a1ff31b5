import { TsoError } from '@tso/proto';
import test from 'ava';
import { exitCodeOf, NotConvergedError, UsageError } from './exit-codes.ts';

test('exit codes are those of the contract', (t) => {
  t.is(exitCodeOf(new TsoError('NOT_FOUND', 'x')), 1);
  t.is(exitCodeOf(new Error('a bug')), 1);
  t.is(exitCodeOf(new UsageError('x')), 2);
  t.is(exitCodeOf(new NotConvergedError('x', 'y')), 3);
  t.is(exitCodeOf(new TsoError('UNAVAILABLE', 'x')), 4);
  for (const code of ['PERMISSION_DENIED', 'UNAUTHENTICATED', 'CONFLICT'] as const) t.is(exitCodeOf(new TsoError(code, 'x')), 5);
});

test('managers too few to decide refused; who is busy for a moment, or answers nothing, cannot be reached', (t) => {
  const unavailable = (details: Readonly<Record<string, string>>) => exitCodeOf(new TsoError('UNAVAILABLE', 'x', { details }));
  t.is(unavailable({ outcome: 'refused', reason: 'quorum' }), 5);
  t.is(unavailable({ outcome: 'refused' }), 4);
  t.is(unavailable({ outcome: 'unknown', reason: 'quorum' }), 4, 'an attempt before may have done it');
  t.is(unavailable({ outcome: 'refused', reason: 'unreachable' }), 4);
  t.is(unavailable({ outcome: 'unknown' }), 4);
  t.is(exitCodeOf(new TsoError('FAILED_PRECONDITION', 'the last manager', { details: { reason: 'quorum' } })), 5);
  t.is(exitCodeOf(new TsoError('FAILED_PRECONDITION', 'x')), 1);
});
