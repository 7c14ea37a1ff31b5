import { EventEmitter } from 'node:events';
import test from 'ava';
import { healthOf } from './health-source.ts';

class Driver extends EventEmitter<{ 'leader change': [] }> {
  lead = 0;
}

test('a manager serves while it knows a leader, and tells when that changes', (t) => {
  const driver = new Driver();
  const health = healthOf(driver);
  let changes = 0;
  const forget = health.onChange(() => {
    changes += 1;
  });
  t.deepEqual([health.isServing(''), health.isServing('tso.v1.Control'), health.isServing('else')], [false, false, undefined]);
  driver.lead = 2;
  driver.emit('leader change');
  t.deepEqual([health.isServing(''), changes], [true, 1]);
  forget();
  driver.emit('leader change');
  t.is(changes, 1);
});
