import { type ObjectChange, ServiceVerb } from '@tso/proto';
import test from 'ava';
import { movesText, rebalancedText } from './rebalance-text.ts';
import { changedNames, leftAlone, verbText } from './verb-text.ts';

const update = (name: string, changes: ObjectChange['changes'] = []): ObjectChange => ({
  kind: 'service',
  name,
  action: 'update',
  changes,
});
const none = (name: string, why: string): ObjectChange => ({ ...update(name, [{ path: 'x', from: '', to: why }]), action: 'none' });

test('services that were changed are named once, what was done to them behind them', (t) => {
  t.is(verbText(ServiceVerb.VERB_RESTART, [update('web'), update('cache'), update('web')], false), 'web, cache: restarted.');
  t.is(verbText(ServiceVerb.VERB_RESTART, [update('web')], true), 'web: to be restarted.');
  t.is(
    verbText(
      ServiceVerb.VERB_REMOVE,
      [
        { ...update('web'), action: 'remove' },
        { ...update('n'), kind: 'network' },
      ],
      false,
    ),
    'web: removed.',
  );
});

test('what is left as it is has its reason, and nothing at all is said too', (t) => {
  t.is(
    verbText(ServiceVerb.VERB_STOP, [update('web'), none('db', 'it is stopped already'), none('x', '')], false),
    'web: stopped, with its scale kept for tso start. db: left as it is, it is stopped already. x: left as it is.',
  );
  t.is(verbText(ServiceVerb.VERB_STOP, [], false), 'There is nothing to change.');
  t.deepEqual(changedNames([none('db', 'y'), update('web')]), ['web']);
  t.deepEqual([...leftAlone([none('db', 'y'), update('web')])], [['db', 'y']]);
});

test('every verb has words for what was done and for what was only asked for', (t) => {
  const verbs = Object.values(ServiceVerb).filter((verb) => typeof verb === 'number');
  const texts = verbs.flatMap((verb) => [true, false].map((detach) => verbText(verb, [update('web')], detach)));
  t.is(new Set(texts).size, verbs.length * 2);
});

test('names from elsewhere do not steer the terminal', (t) => {
  t.is(
    verbText(ServiceVerb.VERB_START, [update('w\u001b[2Jb'), none('d\nb', 'be\u0007ll')], false),
    'w [2Jb: started. d b: left as it is, be ll.',
  );
});

test('moves are told one by one, with what they wait for; what stays has its reason', (t) => {
  const moves = update('web', [
    { path: 'rebalance', from: '', to: 'once its update is done' },
    { path: 'web.3', from: 'host-a', to: 'host-b' },
  ]);
  t.is(
    movesText([moves, none('db', 'its data is in volume x')]),
    '~ web is spread anew\n    once its update is done\n    web.3: host-a -> host-b\n= db stays as it is: its data is in volume x\n',
  );
  t.is(movesText([]), 'Nothing would move.\n');
  t.is(
    rebalancedText(['web'], [moves, none('db', 'why')], false),
    'web: tasks are spread over the nodes as they are now. db: stays as it is, why.',
  );
  t.is(rebalancedText([], [none('db', 'why')], true), 'db: stays as it is, why.');
});
