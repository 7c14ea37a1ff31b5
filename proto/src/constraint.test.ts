import test from 'ava';
import { parseConstraint } from './constraint.ts';

test('a constraint names what it is about, and whether it is to be so or not', (t) => {
  t.deepEqual(parseConstraint('node.labels.disk==ssd'), { key: 'node.labels.disk', equal: true, value: 'ssd' });
  t.deepEqual(parseConstraint(' node.role != manager '), { key: 'node.role', equal: false, value: 'manager' });
  t.deepEqual(parseConstraint('node.ip==10.0.0.0/8'), { key: 'node.ip', equal: true, value: '10.0.0.0/8' });
  t.deepEqual(parseConstraint('engine.labels.a.b==c==d'), { key: 'engine.labels.a.b', equal: true, value: 'c==d' });
});

test('what cannot be understood says why', (t) => {
  for (const text of ['', 'node.role', 'node.role=manager', 'node.role==', '==x'])
    t.is(parseConstraint(text), 'it must read KEY==VALUE or KEY!=VALUE', text);
  t.regex(String(parseConstraint('disk==ssd')), /"disk" is not one of node.id, .*node.labels.NAME/);
  t.regex(String(parseConstraint('node.labels.==ssd')), /is not one of/);
  t.is(parseConstraint('node.ip==here'), '"here" is neither an IPv4 address nor a block of them');
});
