import test, { type ExecutionContext } from 'ava';
import type { Wire } from './guest/capture.ts';
import { type GuestReport, longestMs, runGuest } from './support/guest.ts';

// Encrypted networks need a kernel with WireGuard: three hosts are namespaces of the guest, with the networks of an agent in each.

let report: GuestReport | undefined;

test.before(async (t) => {
  t.timeout(longestMs, 'the guest is made and does its work');
  report = await runGuest('tunnels');
});

/** What the guest told by that name. Fails with the reason when it did not come to it. */
const told = <T>(t: ExecutionContext, name: string): T => {
  const value = report?.facts.get(`tunnels: ${name}`);
  if (value !== undefined) return value as T;
  const why = report?.failures.get('tunnels') ?? report?.cutShort ?? 'it said nothing of it';
  return t.fail(`the guest told nothing of "${name}": ${why}`);
};

interface Transfer {
  readonly tcp: boolean;
  /** By size in bytes. */
  readonly udp: Readonly<Record<string, boolean>>;
}

interface Load {
  /** Of the change of keys without, then with an agent that is killed. */
  readonly spans: readonly { readonly sent: number; readonly lost: readonly number[] }[];
  readonly longestMs: number;
  readonly stream: { readonly sent: number; readonly received: number; readonly broke: string };
}

test('the guest comes to its end', (t) => {
  for (const [name, value] of report?.facts ?? []) if (name.endsWith(' ms')) t.log(`${name.padEnd(36)} ${value}`);
  t.is(report?.cutShort, undefined);
  t.deepEqual([...(report?.failures ?? [])], []);
});

test('a node whose kernel has no WireGuard refuses an encrypted network by name, and no other', (t) => {
  const sentence = "this node's kernel has no WireGuard, which encrypted network sealed needs";
  t.is(told(t, 'key without the module'), 'none');
  t.true(told<string>(t, 'networks without the module').startsWith(`FAILED_PRECONDITION: ${sentence}`));
  t.true(told<string>(t, 'task without the module').startsWith(`FAILED_PRECONDITION: ${sentence}`));
  t.is(told(t, 'task on another network without the module'), 'was not refused');
});

test('private keys are in files that root alone reads', (t) => {
  const [folder, ...files] = told<readonly string[]>(t, 'files').toSorted(
    (a, b) => Number(b.startsWith('tunnels ')) - Number(a.startsWith('tunnels ')),
  );
  t.is(folder, 'tunnels 700');
  t.true(
    files.some((file) => /^\d+\.key 600$/.test(file)),
    files.join(),
  );
  t.true(
    files.every((file) => file.endsWith(' 600')),
    files.join(),
  );
});

test('64 KiB by TCP and datagrams of every size pass between three hosts', (t) => {
  for (const name of ['from 1 to 2', 'from 2 to 3']) {
    const { tcp, udp } = told<Transfer>(t, name);
    t.true(tcp, name);
    t.is(Object.keys(udp).length, 6);
    for (const [size, passed] of Object.entries(udp)) t.true(passed, `${size} bytes ${name}`);
  }
});

test('the wire has nothing of it but UDP to the ports of tunnels', (t) => {
  const wire = told<Wire>(t, 'wire of the transfers');
  t.log(`${wire.packets} packets, ${wire.tunnel} of them of tunnels`);
  t.true(wire.tunnel > 200, `${wire.tunnel} packets of tunnels`);
  t.deepEqual({ vxlan: wire.vxlan, other: wire.other, readable: wire.readable }, { vxlan: 0, other: [], readable: false });
});

test('keys change under load, the second time with an agent that is killed meanwhile: no datagram is lost, no stream broken', (t) => {
  for (const name of ['load from 1 to 2', 'load from 2 to 3']) {
    const { spans, stream, longestMs: silence } = told<Load>(t, name);
    t.log(
      `${name}: ${spans.map(({ sent, lost }) => `${lost.length} of ${sent} datagrams lost`).join(', then ')}; longest silence ${silence} ms`,
    );
    t.is(spans.length, 2);
    for (const { sent, lost } of spans) {
      t.true(sent > 50, `${sent} datagrams`);
      t.deepEqual(lost, [], name);
    }
    t.deepEqual(stream, { sent: stream.sent, received: stream.sent, broke: '' }, name);
    t.true(stream.sent > 10_000);
  }
});

test('without its tunnel a host sends nothing in the clear, though there is a route, and mends the tunnel', (t) => {
  const wire = told<Wire>(t, 'wire without a tunnel');
  t.deepEqual({ vxlan: wire.vxlan, other: wire.other, readable: wire.readable }, { vxlan: 0, other: [], readable: false });
  const again = told<number | 'never'>(t, 'answered again after ms');
  t.log(`answered after ${again} ms`);
  t.not(again, 'never');
});

test('frames in the clear for an encrypted network are dropped, also from an address inside tunnels', (t) => {
  t.is(told(t, 'injected into the plain network'), 5, 'such frames are well-formed: where nothing is encrypted they arrive');
  t.is(told(t, 'injected into the encrypted network'), 0);
});

test('a host that is on no encrypted network any more has no tunnel', (t) => {
  t.deepEqual(told(t, 'devices that are left'), ['lo', 'eth0']);
});
