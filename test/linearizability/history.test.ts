import test from 'ava';
import { parseHistory, valueText } from './history.ts';

const line = (fields: Readonly<Record<string, unknown>>): string =>
  JSON.stringify({ process: 0, type: 'invoke', f: 'write', key: 'x', value: 1, ...fields });
const problem = (...lines: readonly string[]): string | undefined => {
  const parsed = parseHistory(lines.join('\n'));
  return 'problem' in parsed ? parsed.problem : undefined;
};

const wrong: readonly (readonly [RegExp, readonly string[]])[] = [
  [/^line 2 is not JSON$/, [line({}), '{"process": 1,']],
  [/^line 1 is not a JSON object$/, ['[1]']],
  [/^line 1 has no "process"/, [line({ process: 'a' })]],
  [/^line 1 has type "done"/, [line({ type: 'done' })]],
  [/^line 1 has f "append"/, [line({ f: 'append' })]],
  [/^line 1 has no "key"/, ['{"process":0,"type":"invoke","f":"read","value":null}']],
  [/^line 1 is a cas whose value is not \[from, to\]$/, [line({ f: 'cas', value: 3 })]],
  [/^line 1 invokes a read with a value/, [line({ f: 'read', value: 3 })]],
  [/^line 1 invokes a write without a value$/, [line({ value: undefined })]],
  [/^line 2 invokes while process 0 still waits for the answer to line 1$/, [line({}), line({})]],
  [/^line 1 answers, but process 0 has invoked nothing$/, [line({ type: 'ok' })]],
  [/^line 2 answers a read of key "x", but line 1 invoked a write/, [line({}), line({ type: 'ok', f: 'read' })]],
  [/^line 2 answers with value 2, but line 1 invoked 1$/, [line({}), line({ type: 'ok', value: 2 })]],
  [/^line 2 is an ok of a read without the value/, [line({ f: 'read', value: null }), line({ type: 'ok', f: 'read', value: undefined })]],
];

for (const [message, lines] of wrong)
  test(`wrong input is named: ${message.source}`, (t) => {
    t.regex(problem(...lines) ?? '', message);
  });

test('failed operations and reads without an answer are left out, timeouts of writes are kept', (t) => {
  const parsed = parseHistory(
    [
      line({}),
      line({ type: 'fail' }),
      '',
      line({ f: 'read', value: null }),
      line({ f: 'read', value: null, type: 'info' }),
      line({ value: 2 }),
      line({ type: 'info', value: null }),
      line({ value: 3 }),
    ].join('\r\n'),
  );
  if ('problem' in parsed) return t.fail(parsed.problem);
  t.deepEqual(
    parsed.operations.map(({ action, lines, returnedAt }) => [action, lines, returnedAt]),
    [
      [{ f: 'write', value: '2' }, [6, 7], Number.POSITIVE_INFINITY],
      [{ f: 'write', value: '3' }, [8], Number.POSITIVE_INFINITY],
    ],
  );
});

test('values are equal when their JSON is, whatever the order of its fields', (t) => {
  t.is(valueText({ b: 1, a: [2, null] }), valueText({ a: [2, null], b: 1 }));
  t.not(valueText('1'), valueText(1));
});
