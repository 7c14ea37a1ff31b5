import test from 'ava';
import { tablesOf } from '../dispatcher/dispatcher-fixture.ts';
import { nodeNamed } from '../testing/specs.ts';
import { nodeOf } from './node-ref.ts';

const named = (id: string, hostname: string) => {
  const node = nodeNamed(id);
  return { putNode: { ...node, description: { ...node.description, hostname } } };
};
const view = tablesOf(
  named('aaa111', 'alpha'),
  named('aaa222', 'beta'),
  named('bbb333', 'worker-1'),
  named('ccc444', 'worker-1'),
  named('alp555', ''),
);

const idOf = (ref: string): string => nodeOf(view, ref).id;
const refusal = (ref: string): string => {
  try {
    return `found ${idOf(ref)}`;
  } catch (error) {
    return String((error as { sentence?: string }).sentence);
  }
};

test('a node is meant by its id, its hostname, or a beginning of its id that only it has', (t) => {
  t.is(idOf('aaa222'), 'aaa222');
  t.is(idOf('beta'), 'aaa222');
  t.is(idOf('bb'), 'bbb333');
  t.is(idOf('alpha'), 'aaa111', 'a whole hostname before the beginning of an id');
  t.is(idOf('alp'), 'alp555', 'a hostname is meant as a whole only');
});

test('what means several nodes names them', (t) => {
  t.is(
    refusal('worker-1'),
    '2 nodes have the hostname worker-1: bbb333 (worker-1), ccc444 (worker-1). Give the id, or more characters of it',
  );
  t.is(refusal('aaa'), '2 node ids begin with aaa: aaa111 (alpha), aaa222 (beta). Give the id, or more characters of it');
  t.regex(refusal(''), /^it was not said which node is meant/);
});

test('what means none names similar ones, or where to look', (t) => {
  t.is(refusal('alhpa'), 'there is no node alhpa. Did you mean alpha?');
  t.is(refusal('worker'), 'there is no node worker. Did you mean worker-1?');
  t.is(refusal('zzzzzz'), 'there is no node zzzzzz. tso node ls lists the nodes');
  t.is(
    refusal('z'.repeat(100_000)).length,
    100_000 + 'there is no node . tso node ls lists the nodes'.length,
    'nobody is compared with that',
  );
});
