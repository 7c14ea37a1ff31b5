import type { Clock } from '@tso/proto';
import test from 'ava';
import { DnsForwarder } from './dns-forwarder.ts';

/** Time stands still: no question runs out of patience. */
const stopped: Clock = { now: () => 0, monotonic: () => 0, setTimer: () => () => undefined };

/** A question for `a.` of type A (RFC 1035, 4.1). */
const query = Uint8Array.from([0, 7, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1, 0x61, 0, 0, 1, 0, 1]);

test('resolvers to which there is no way give no answer, and no exception', async (t) => {
  // A link-local address without its link: connecting fails at once, wherever this runs.
  const nowhere = ['fe80::1', 'fe80::2'];
  t.is(await new DnsForwarder({ clock: stopped }).forward(query, nowhere, 'udp'), undefined);
  t.is(await new DnsForwarder({ clock: stopped }).forward(query, nowhere, 'tcp'), undefined);
});
