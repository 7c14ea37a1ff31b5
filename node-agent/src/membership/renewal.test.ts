import { type CertificateReply, NodeRole, TsoError } from '@tso/proto';
import type { StoredIdentity } from '@tso/proto/pki';
import test from 'ava';
import { CollectedLog } from '../testing/collected-log.ts';
import { eventually } from '../testing/eventually.ts';
import { ManualClock } from '../testing/manual-clock.ts';
import { Renewal } from './renewal.ts';

const dayMs = 86_400_000;

/** A node whose certificates live for 90 days from when they are made. */
class World {
  readonly clock = new ManualClock();
  readonly log = new CollectedLog();
  readonly renewedAt: number[] = [];
  readonly told: CertificateReply[] = [];
  failures = 0;
  isLocked = false;
  stored: StoredIdentity = this.#stored();
  readonly renewal = new Renewal({
    clock: this.clock,
    random: { number: () => 0.5, bytes: (count) => new Uint8Array(count) },
    logger: this.log,
    certificates: this.#certificates(),
    ask: async () => {
      if (this.failures > 0) {
        this.failures -= 1;
        throw new TsoError('UNAVAILABLE', 'no manager answers');
      }
      this.renewedAt.push(this.clock.now());
      return this.#reply();
    },
    onRenewed: async (reply) => void this.told.push(reply),
  });

  #stored(): StoredIdentity {
    const now = this.clock.now();
    const times = { notAfterMs: now + 90 * dayMs, renewAtMs: now + 45 * dayMs };
    return { nodeId: 'n', clusterId: 'c', role: 'worker', authorityEpoch: 1, sealed: false, ...times };
  }

  #reply(): CertificateReply {
    const { notAfterMs, renewAtMs } = this.#stored();
    return {
      certificate: '',
      authorities: '',
      authorityEpoch: 1,
      clusterId: 'c',
      role: NodeRole.WORKER,
      notAfterMs,
      renewAtMs,
      managers: [],
      addressPool: '',
      vxlanPort: 0,
      address: '',
    };
  }

  #certificates() {
    const world = this;
    return {
      get stored() {
        return world.stored;
      },
      get isLocked() {
        return world.isLocked;
      },
      newKey: async () => ({ key: 'key', csr: 'csr' }),
      adopt: async () => {
        world.stored = world.#stored();
      },
    };
  }

  /** Hours pass until it holds. */
  async pass(what: string, holds: () => boolean): Promise<void> {
    await eventually(what, () => {
      if (!holds()) this.clock.advance(dayMs / 24);
      return holds();
    });
  }
}

test('a certificate is renewed after half its life and a little, again and again, and whoever shows it is told', async (t) => {
  const world = new World();
  const start = world.clock.now();
  await world.renewal.start();
  await world.pass('it is renewed twice', () => world.told.length === 2);
  const [first = 0, second = 0] = world.renewedAt.map((at) => (at - start) / dayMs);
  t.true(first >= 45 && first <= 49.5, `first after ${first} days`);
  t.true(second - first >= 45 && second - first <= 49.6, `second after ${second - first} days`);
  await world.renewal.stop();
  t.is(world.clock.pending, 0);
});

test('what fails is tried again until it succeeds, and is said each time', async (t) => {
  const world = new World();
  world.failures = 4;
  await world.renewal.start();
  await world.pass('it is renewed', () => world.told.length === 1);
  t.is(world.log.at('warn').length, 4);
  t.true(world.clock.now() < world.stored.notAfterMs);
  await world.renewal.stop();
});

test('a clock that is set forward is noticed within an hour', async (t) => {
  const world = new World();
  await world.renewal.start();
  t.true(Math.max(...world.clock.delays) <= 3_600_000);
  world.stored = { ...world.stored, renewAtMs: world.clock.now() - 1, notAfterMs: world.clock.now() + dayMs };
  await world.pass('it is renewed', () => world.told.length === 1);
  t.pass();
});

test('whoever asks while an answer is under way gets one of its own', async (t) => {
  const world = new World();
  await world.renewal.start();
  await Promise.all([world.renewal.renew(), world.renewal.renew(), world.renewal.renew()]);
  t.is(world.renewedAt.length, 2);
  world.failures = 1;
  await t.throwsAsync(world.renewal.renew(), { code: 'UNAVAILABLE' });
});

test('a locked node asks for nothing', async (t) => {
  const world = new World();
  world.isLocked = true;
  await world.renewal.start();
  for (let days = 0; days < 60; days += 1) {
    world.clock.advance(dayMs);
    await new Promise(setImmediate);
  }
  t.deepEqual(world.renewedAt, []);
  t.true(world.clock.delays.length <= 2 * 60 * 24 + 2, 'it looks more often than once an hour');
  world.isLocked = false;
  await world.pass('it is renewed', () => world.told.length === 1);
});
