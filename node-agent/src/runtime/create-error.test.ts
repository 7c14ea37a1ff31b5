import { TsoError } from '@tso/proto';
import test from 'ava';
import { createError, runtimeError, type TriedConfig } from './create-error.ts';

const config: TriedConfig = {
  process: { args: ['nosuch', '-x'], env: ['PATH=/bin'] },
  linux: { resources: {} },
};

test('what the user wrote wrong is said as it is, whatever the runtime would say', (t) => {
  const error = new TsoError('INVALID_ARGUMENT', 'there is no capability X');
  t.is(createError('app:1', config, error, 'something else'), error);
});

test("the runtime's words become the user's where they are of the command", (t) => {
  const error = runtimeError(
    'app:1',
    config,
    'crun: executable file `nosuch` not found in $PATH: No such file or directory',
    'could not start',
    undefined,
  );
  t.regex(error.message, /nosuch/);
  t.regex(error.message, /app:1/);
  t.notRegex(error.message, /crun/);
});

test('a runtime that said nothing is given the words that its monitor wrote, and none of both is said', (t) => {
  const silent = new TsoError('FAILED_PRECONDITION', '');
  t.regex(createError('app:1', config, silent, 'the disk is full').message, /app:1 could not be made: .*the disk is full/);
  t.regex(createError('app:1', config, silent, '').message, /its monitor ended without a word/);
});
