import { emptyMeta, type Request } from '@tso/proto';
import test from 'ava';
import { World } from '../testing/world.ts';
import { keptRequests, requestLifeMs } from './reaper.ts';

const request = (id: string): Request => ({
  id,
  meta: emptyMeta,
  method: '/tso.v1.Control/ApplyStack',
  reply: new Uint8Array(),
  requestDigest: '',
});

test('answers to requests are kept for ten minutes and then go together', (t) => {
  const world = new World();
  world.commit([{ putRequest: request('a') }]);
  world.advance(30_000);
  world.commit([{ putRequest: request('b') }]);
  world.advance(requestLifeMs - 1);
  t.is(world.tables.requests().length, 2);
  const waitedMs = world.sleep();
  t.true(waitedMs > 0 && waitedMs <= 60_000, `${waitedMs}`);
  t.is(world.tables.requests().length, 0);
  t.is(world.wakeAtMs, undefined);
});

test('of too many the oldest go', (t) => {
  const world = new World();
  for (let batch = 0; batch < 11; batch += 1) {
    world.now += 100;
    world.commit(Array.from({ length: 1_000 }, (_, at) => ({ putRequest: request(`${batch}-${at}`) })));
  }
  world.settle();
  const left = world.tables.requests();
  t.true(left.length <= keptRequests && left.length >= keptRequests - 1_000, `${left.length}`);
  t.true(left.every(({ id }) => !id.startsWith('0-')));
});
