import type { ClusterEvent, EventsRequest } from '@tso/proto';
import type { CallContext } from '@tso/proto/rpc';
import test from 'ava';
import { limits } from '../limits.ts';
import type { Applied, AppliedListener } from '../store/applied.ts';
import { Tables } from '../store/tables.ts';
import { ManualClock } from '../testing/manual-clock.ts';
import { nodeNamed } from '../testing/specs.ts';
import { Events } from './events.ts';

const world = () => {
  const clock = new ManualClock();
  let listener: AppliedListener = () => undefined;
  const events = new Events({
    clock,
    proposer: { view: new Tables() },
    stopping: new AbortController().signal,
    onApplied: (listening) => {
      listener = listening;
      return () => undefined;
    },
  });
  let index = 0;
  /** A node comes. */
  const happen = (name: string, atMs: number): void => {
    index += 1;
    const after = nodeNamed(name);
    const applied: Applied = { index, atMs, audit: undefined, changes: [{ kind: 'node', id: after.id, after }] };
    listener(applied);
  };
  const ask = (request: Partial<EventsRequest>, signal = new AbortController().signal): AsyncIterator<ClusterEvent> => {
    const context: CallContext = { peer: '', roles: ['client'], identity: undefined, signal, header: () => undefined };
    return events.handlers.events({ filters: [], ...request }, context)[Symbol.asyncIterator]();
  };
  return { clock, happen, ask, replace: () => listener('replaced') };
};

const namesOf = async (replies: AsyncIterator<ClusterEvent>): Promise<string[]> => {
  const names: string[] = [];
  for (let next = await replies.next(); next.done !== true; next = await replies.next()) names.push(next.value.name);
  return names;
};

test('what is remembered comes first when a time is named, then what happens, without a gap', async (t) => {
  const { happen, ask } = world();
  happen('early', 1_000);
  happen('later', 2_000);
  const replies = ask({ sinceMs: 1_500 });
  t.is((await replies.next()).value.name, 'later');
  happen('now', 3_000);
  t.is((await replies.next()).value.name, 'now');
  await replies.return?.();
});

test('without a time only what happens from now on is told', async (t) => {
  const { happen, ask } = world();
  happen('early', 1_000);
  const replies = ask({});
  const first = replies.next();
  happen('now', 3_000);
  t.is((await first).value.name, 'now');
  await replies.return?.();
});

test('a time that is over ends the call at once, one to come when it comes', async (t) => {
  const { clock, happen, ask } = world();
  clock.advance(10_000);
  happen('early', clock.now() - 2_000);
  happen('late', clock.now() - 500);
  t.deepEqual(await namesOf(ask({ untilMs: clock.now() - 1_000 })), ['early']);
  const replies = namesOf(ask({ sinceMs: clock.now(), untilMs: clock.now() + 1_000 }));
  await new Promise(setImmediate);
  happen('now', clock.now());
  clock.advance(1_001);
  t.deepEqual(await replies, ['now']);
});

test('the memory is bounded and keeps the latest', async (t) => {
  const { clock, happen, ask } = world();
  for (let index = 0; index < limits.rememberedEvents * 3; index += 1) happen(`n${index}`, 0);
  clock.advance(10);
  const names = await namesOf(ask({ untilMs: 5 }));
  t.is(names.length, limits.rememberedEvents);
  t.is(names.at(-1), `n${limits.rememberedEvents * 3 - 1}`);
});

test('a caller that reads too slowly is told so instead of being told half', async (t) => {
  const { happen, ask } = world();
  const replies = ask({});
  const first = replies.next();
  happen('first', 0);
  await first;
  for (let index = 0; index <= limits.heldEvents; index += 1) happen('more', 0);
  await t.throwsAsync(namesOf(replies), { code: 'RESOURCE_EXHAUSTED' });
});

test('a manager whose store was replaced says that events are missing', async (t) => {
  const { replace, ask } = world();
  const replies = ask({});
  const first = replies.next();
  replace();
  t.like((await first).value, { kind: 'cluster', action: 'gap' });
  await replies.return?.();
});

test('who had events already gets those of later versions, whatever their time', async (t) => {
  const { clock, happen, ask } = world();
  clock.advance(10_000);
  happen('one', 3_000);
  happen('two', 2_000);
  happen('three', 1_000);
  t.deepEqual(await namesOf(ask({ afterVersion: 1, sinceMs: 2_500, untilMs: 5_000 })), ['two', 'three']);
});

test('a filter that does not exist is refused by name', async (t) => {
  const { ask } = world();
  await t.throwsAsync(ask({ filters: [{ key: 'colour', value: 'blue' }] }).next(), { code: 'INVALID_ARGUMENT', message: /colour/ });
});

test('a caller that goes away ends the call', async (t) => {
  const { ask } = world();
  const caller = new AbortController();
  const replies = namesOf(ask({}, caller.signal));
  await new Promise(setImmediate);
  caller.abort();
  t.deepEqual(await replies, []);
});
