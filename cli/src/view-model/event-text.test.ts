import test from 'ava';
import { eventLine, eventRow } from './event-text.ts';

const event = { atMs: 0, version: 3, kind: 'node', action: 'down', id: 'n1', name: 'host-a', attributes: { from: 'ready', error: '' } };

test('an event is a line with its time, what happened to whom, and the details that there are', (t) => {
  t.is(eventLine(event), '1970-01-01T00:00:00.000Z node down host-a (from=ready)\n');
  t.is(eventLine({ ...event, name: '', attributes: {} }), '1970-01-01T00:00:00.000Z node down n1\n');
});

test('an event as data has the time as an instant', (t) => {
  const { atMs: _, ...rest } = event;
  t.deepEqual(eventRow(event), { ...rest, time: '1970-01-01T00:00:00.000Z' });
});
