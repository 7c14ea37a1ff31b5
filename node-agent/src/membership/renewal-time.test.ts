import test from 'ava';
import fc from 'fast-check';
import { renewalInstant, retryPauseMs } from './renewal-time.ts';

const chance = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

test('a certificate is renewed from half its life on, long before its end', (t) => {
  fc.assert(
    fc.property(fc.nat(1e9), fc.nat(1e9), chance, (renewAtMs, halfMs, at) => {
      const instant = renewalInstant({ renewAtMs, notAfterMs: renewAtMs + halfMs }, at);
      t.true(instant >= renewAtMs && instant <= renewAtMs + halfMs * 0.1);
    }),
  );
});

test('nodes whose certificates are due at one instant do not all ask at it', (t) => {
  const instants = [0, 0.25, 0.5, 0.75].map((at) => renewalInstant({ renewAtMs: 1_000, notAfterMs: 2_000 }, at));
  t.deepEqual(instants, [1_000, 1_025, 1_050, 1_075]);
});

test('what failed is tried again later each time, often enough to succeed before the end', (t) => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1_000 }), fc.nat(90 * 86_400_000), chance, (failures, leftMs, at) => {
      const pause = retryPauseMs(failures, leftMs, at);
      t.true(pause >= 2_500 && pause <= Math.max(5_000, Math.min(3_600_000, leftMs / 20)));
    }),
  );
  t.deepEqual(
    [1, 2, 3].map((failures) => retryPauseMs(failures, 90 * 86_400_000, 0)),
    [2_500, 5_000, 10_000],
  );
});
