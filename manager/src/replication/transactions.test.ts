import { emptyMeta, type Transaction } from '@tso/proto';
import test from 'ava';
import { outcomeOf } from '../raft/io/outcome.ts';
import { checkCommand, conflictError, toCommand } from './transactions.ts';

const putConfig = (bytes: number): Transaction => ({
  actions: [{ putConfig: { id: 'c', meta: emptyMeta, name: 'c', stack: '', labels: {}, data: new Uint8Array(bytes) } }],
  expect: [],
  atMs: 1,
  origin: 'test',
});

test('a transaction that could not be applied does not become a command, nor one that another manager passes on', (t) => {
  const unknownKind = { ...putConfig(1), expect: [{ kind: 'planet', id: 'x', version: 0 }] };
  t.throws(() => toCommand(unknownKind), { code: 'INVALID_ARGUMENT', message: /planet/ });
  t.throws(() => toCommand({ ...putConfig(1), actions: [{}] }), { code: 'INVALID_ARGUMENT' });
  t.throws(() => checkCommand(Buffer.from('no transaction at all')));
  t.notThrows(() => checkCommand(toCommand(putConfig(10))));
});

test('a change that is larger than a log entry may be is refused with its size', (t) => {
  t.throws(() => toCommand(putConfig(48 * 1024 * 1024)), { code: 'RESOURCE_EXHAUSTED', message: /larger than the 50331648/ });
});

test('a conflict says which object, what was expected and what is there, and that nothing was changed', (t) => {
  const error = conflictError({ kind: 'config', id: 'c', expected: 3, actual: 8 });
  t.is(error.code, 'CONFLICT');
  t.regex(error.message, /config c .* version 3 was expected, 8 is there/);
  t.is(outcomeOf(error), 'refused');
});
