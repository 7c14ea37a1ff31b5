import { formatIpv4, type TunnelPeer } from '@tso/proto';
import test from 'ava';
import fc from 'fast-check';
import { hostNames } from '../names.ts';
import {
  chosenGenerations,
  firstTunnelPort,
  generationOf,
  generationWanted,
  handshakeKey,
  type KnownPeer,
  keptGenerations,
  lookAgainMs,
  maxGeneration,
  type OwnKey,
  quietSince,
  rememberPeers,
  retiredGenerations,
  tunnelDevice,
  tunnelPattern,
  tunnelPort,
  tunnelPorts,
  tunnelTimesOf,
  wishedDevices,
} from './plan.ts';

const tag = hostNames('/run/tso', '/run/tso').tag;
/** A key as WireGuard writes it: of 43 characters the last carries four bits. */
const keyText = (number: number): string => Buffer.alloc(32, number).toString('base64');
const peer = (number: number, more: Partial<TunnelPeer> = {}): TunnelPeer => ({
  nodeId: `n${number}`,
  tunnelAddress: `10.47.240.${number}`,
  endpoint: `192.0.2.${number}`,
  port: 24_790,
  publicKey: keyText(number),
  generation: 1,
  ...more,
});
const own = (generation: number, madeAtMs = 0): OwnKey => ({ generation, publicKey: keyText(200 + generation), port: 24_789, madeAtMs });
const here = (...generations: number[]) => ({ address: '10.47.240.1', generations: new Set(generations) });
const remember = (told: readonly TunnelPeer[], known: readonly KnownPeer[] = [], generations = [1]): readonly KnownPeer[] =>
  rememberPeers(known, told, here(...generations)).peers;

test('the device of a generation tells whose it is and which', (t) => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: maxGeneration }), (generation) => {
      const name = tunnelDevice(tag, generation);
      return name.length <= 15 && generationOf(tag, name) === generation && generationOf('000000', name) === undefined;
    }),
  );
  t.is(tunnelPattern(tag), `tsow${tag}*`);
  for (const name of ['wg0', `tsow${tag}`, `tsow${tag}0`, `tsox${tag}1`, `tsow${tag}123456`])
    t.is(generationOf(tag, name), undefined, name);
});

test('a peer that cannot be used is left out with the reason, and the others are not', (t) => {
  const bad: readonly (readonly [Partial<TunnelPeer>, RegExp])[] = [
    [{ publicKey: 'nonsense' }, /key/],
    [{ publicKey: `${keyText(3)}\n` }, /key/],
    [{ generation: 0 }, /generation 0/],
    [{ generation: maxGeneration + 1 }, /generation/],
    [{ port: 0 }, /port 0/],
    [{ port: 65_536 }, /port/],
    [{ endpoint: 'example.com' }, /address "example.com"/],
    [{ tunnelAddress: '' }, /inside tunnels/],
    [{ tunnelAddress: '10.47.240.1' }, /another node's/],
    [{ tunnelAddress: '10.47.240.2' }, /another node's/],
  ];
  for (const [more, why] of bad) {
    const { peers, leftOut } = rememberPeers([], [peer(2), peer(3, more)], here(1));
    t.deepEqual(
      peers.map(({ nodeId }) => nodeId),
      ['n2'],
    );
    t.is(leftOut.length, 1);
    t.regex(leftOut[0] ?? '', why);
    t.regex(leftOut[0] ?? '', /^node n3: /);
  }
});

test('a key is of the peer that had it first, whoever tells it too', (t) => {
  const first = rememberPeers([], [peer(2, { publicKey: keyText(3) }), peer(3)], here(1));
  t.deepEqual([first.peers.map(({ nodeId }) => nodeId), first.leftOut], [['n2'], ["node n3: its key is another node's"]]);
  const before = remember([peer(3)]);
  for (const known of [before, before.map((one) => ({ ...one, nodeId: '' }))]) {
    const { peers, leftOut } = rememberPeers(known, [peer(2, { publicKey: keyText(3) }), peer(3)], here(1));
    t.deepEqual([peers.map(({ nodeId }) => nodeId), leftOut], [['n3'], ["node n2: its key is another node's"]]);
  }
  const rotated = remember([peer(3, { generation: 2, publicKey: keyText(33) })], before, [1, 2]);
  const late = rememberPeers(rotated, [peer(2, { publicKey: keyText(3) }), peer(3, { generation: 2, publicKey: keyText(33) })], here(1, 2));
  t.deepEqual(
    late.peers.map(({ nodeId, keys }) => [nodeId, keys.length]),
    [['n3', 2]],
    'nor one that it had before, by which others still send',
  );
  t.deepEqual(rememberPeers(before, [peer(2, { publicKey: keyText(3) })], here(1)).leftOut, [], 'of one that is gone');
});

test('of a peer with a newer key the older ones stay that this node has too', (t) => {
  const first = remember([peer(2)]);
  const second = remember([peer(2, { generation: 2, publicKey: keyText(22) })], first);
  t.deepEqual(
    second[0]?.keys.map(({ generation, publicKey }) => [generation, publicKey]),
    [
      [2, keyText(22)],
      [1, keyText(2)],
    ],
  );
  const retired = remember([peer(2, { generation: 2, publicKey: keyText(22) })], second, [2]);
  t.deepEqual(
    retired[0]?.keys.map(({ generation }) => generation),
    [2],
  );
});

test('a peer that begins anew has lost its keys, and another key of the same generation replaces the one before', (t) => {
  const two = remember([peer(2, { generation: 2, publicKey: keyText(22) })], remember([peer(2)]), [1, 2]);
  const anew = remember([peer(2, { publicKey: keyText(23) })], two, [1, 2]);
  t.deepEqual(
    anew[0]?.keys.map(({ publicKey }) => publicKey),
    [keyText(23)],
  );
  const again = remember([peer(2, { generation: 2, publicKey: keyText(24) })], two, [1, 2]);
  t.deepEqual(
    again[0]?.keys.map(({ publicKey }) => publicKey),
    [keyText(24), keyText(2)],
  );
});

test('an address that another node has now brings no key of the one before it, but what the kernel has without a name stays', (t) => {
  const before = remember([peer(2)]);
  const other = remember([peer(3, { tunnelAddress: '10.47.240.2', generation: 2 })], before);
  t.is(other[0]?.keys.length, 1);
  const nameless = before.map((one) => ({ ...one, nodeId: '' }));
  t.is(remember([peer(2, { generation: 2, publicKey: keyText(22) })], nameless)[0]?.keys.length, 2);
});

test('a node follows the newest generation of its peers, and begins a newer one when its key is old and all have come to it', (t) => {
  const at = (now: number) => ({ now, rotationMs: 1_000 });
  t.is(generationWanted(own(1), [], at(999)), 1);
  t.is(generationWanted(own(1), [], at(1_000)), 1, 'nobody uses it');
  t.is(generationWanted(own(1), remember([peer(2)]), at(999)), 1);
  t.is(generationWanted(own(1), remember([peer(2)]), at(1_000)), 2);
  t.is(generationWanted(own(1), remember([peer(2), peer(3, { generation: 7 })]), at(0)), 7);
  t.is(generationWanted(own(2), remember([peer(2, { generation: 2 }), peer(3)]), at(5_000)), 2, 'n3 is behind');
  t.is(generationWanted(own(2), remember([peer(2, { generation: 2 })]), at(5_000)), 3);
  t.is(generationWanted(own(maxGeneration), [], at(5_000)), maxGeneration);
  t.is(generationWanted(own(1, 10_000), remember([peer(2)]), at(8_000)), 2, 'the clock was set back');
});

test('no peer drives a node on: it follows one key and then not for a while, but a first key is given up at once', (t) => {
  const ahead = remember([peer(2, { generation: 9 })]);
  const wanted = (newest: OwnKey, now: number) => generationWanted(newest, ahead, { now, rotationMs: 48_000 });
  t.is(wanted(own(1, 10_000), 10_000), 9);
  t.is(wanted(own(8, 10_000), 10_999), 8);
  t.is(wanted(own(8, 10_000), 11_000), 9);
  t.is(wanted(own(8, 10_000), 9_000), 9, 'the clock was set back');
});

test('nodes that follow each other come to one generation, whoever begins', (t) => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 8 }), (begin) => {
      let generations = begin;
      for (let round = 0; round < 2; round++) {
        const told = generations.map((generation, index) => peer(index + 2, { generation }));
        generations = generations.map((generation, index) =>
          generationWanted(own(generation), remember(told.filter((_, other) => other !== index)), { now: 100, rotationMs: 1_000 }),
        );
      }
      return generations.every((generation) => generation === Math.max(...begin));
    }),
  );
  t.pass();
});

test('a peer is sent to by the newest generation that stands, never back, and at first by the newest of both', (t) => {
  const peers = remember([peer(2, { generation: 2, publicKey: keyText(22) })], remember([peer(2)]), [1, 2]);
  const address = '10.47.240.2';
  const choose = (current: readonly (readonly [string, number])[], ...standing: string[]) =>
    chosenGenerations(peers, new Set([1, 2]), new Map(current), new Set(standing)).get(address);
  const old = handshakeKey(1, keyText(2));
  const fresh = handshakeKey(2, keyText(22));
  t.is(choose([]), 2, 'nothing stands: the first packet makes it');
  t.is(choose([], old), 1);
  t.is(choose([[address, 1]], old), 1);
  t.is(choose([[address, 1]], old, fresh), 2);
  t.is(choose([[address, 2]], old), 2);
  t.is(choose([[address, 1]], handshakeKey(2, keyText(99))), 1, 'of a key that is not its any more');
  t.is(chosenGenerations(peers, new Set([3]), new Map(), new Set()).get(address), undefined);
});

const keyOf = (generation: number, number: number) => ({
  generation,
  publicKey: keyText(number * 10 + generation),
  endpoint: `192.0.2.${number}`,
  port: 24_790,
});
const worlds = fc.record({
  generations: fc.uniqueArray(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 3 }),
  peers: fc.array(fc.uniqueArray(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 3 }), { maxLength: 6 }),
  current: fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 6 }),
  standing: fc.array(fc.tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 0, max: 5 })), { maxLength: 10 }),
});

test('each peer with a generation in common is sent to by one that both have, and by none that is older than one in use that is left', (t) => {
  fc.assert(
    fc.property(worlds, ({ generations, peers, current, standing }) => {
      const ours = new Set(generations);
      const known: readonly KnownPeer[] = peers.map((keys, index) => ({
        nodeId: `n${index}`,
        address: formatIpv4(0x0a2ff000 + index),
        told: Math.max(...keys),
        keys: keys.toSorted((a, b) => b - a).map((generation) => keyOf(generation, index)),
      }));
      const now = new Map(current.map((generation, index) => [formatIpv4(0x0a2ff000 + index), generation]));
      const stands = new Set(standing.map(([generation, number]) => handshakeKey(generation, keyText(number * 10 + generation))));
      const chosen = chosenGenerations(known, ours, now, stands);
      for (const { address, keys } of known) {
        const common = keys.map(({ generation }) => generation).filter((generation) => ours.has(generation));
        const choice = chosen.get(address);
        if ((choice === undefined) !== (common.length === 0)) return false;
        if (choice !== undefined && !common.includes(choice)) return false;
        const used = now.get(address);
        if (choice !== undefined && used !== undefined && common.includes(used) && choice < used) return false;
      }
      // On one device each address belongs to one key, and each key that is chosen is there.
      const devices = wishedDevices(
        tag,
        generations.map((generation) => own(generation)),
        known,
        chosen,
      );
      for (const device of devices) {
        const addresses = device.peers.map(({ address }) => address);
        if (new Set(addresses).size !== addresses.length) return false;
      }
      return [...chosen].every(([address, generation]) =>
        devices.some((device) => device.generation === generation && device.peers.some((one) => one.address === address && one.keepalive)),
      );
    }),
  );
  t.pass();
});

test('an old tunnel is kept up from this side only while this side sends by it', (t) => {
  const peers = remember([peer(2, { generation: 2, publicKey: keyText(22) })], remember([peer(2)]), [1, 2]);
  const keepalives = (generation: number) =>
    wishedDevices(tag, [own(1), own(2)], peers, new Map([['10.47.240.2', generation]])).map((device) => device.peers[0]?.keepalive);
  t.deepEqual(keepalives(1), [true, true]);
  t.deepEqual(keepalives(2), [false, true]);
});

test('an old device goes once nothing was sent or heard by it for the grace', (t) => {
  const keys = [own(1), own(2)];
  let quiet: ReturnType<typeof quietSince> = new Map();
  /** What goes at that instant, when the devices of both generations have received so much and this side sends by the given one. */
  const goes = (now: number, first: number, second: number, sendsBy: number): readonly number[] => {
    const received = new Map([
      [1, first],
      [2, second],
    ]);
    quiet = quietSince(quiet, received, new Set([sendsBy]), now);
    return retiredGenerations(keys, quiet, { graceMs: 100, now });
  };
  t.deepEqual(goes(0, 500, 0, 1), []);
  t.deepEqual(retiredGenerations(keys, quiet, { graceMs: 100, now: 99 }), []);
  t.deepEqual(goes(1_000, 500, 9, 1), [], 'still sent by');
  t.deepEqual(goes(1_050, 500, 9, 2), []);
  t.deepEqual(goes(1_120, 532, 9, 2), [], 'the other end was heard');
  t.deepEqual(goes(1_219, 532, 9, 2), []);
  t.deepEqual(goes(1_220, 532, 9, 2), [1]);
});

test('the newest device never goes, and more than a few are not kept', (t) => {
  const many = [1, 2, 3, 4, 5, 6].map((generation) => own(generation));
  t.deepEqual(retiredGenerations(many, new Map(), { now: 0, graceMs: 100 }), [2, 1]);
  t.is(keptGenerations, 4);
  const silent = new Map(many.map(({ generation }) => [generation, { receivedBytes: 0, sinceMs: 0 }]));
  t.deepEqual(retiredGenerations(many, silent, { now: 1_000, graceMs: 100 }), [5, 4, 3, 2, 1]);
});

test('a generation listens at a port of its parity that nobody has', (t) => {
  t.is(tunnelPort(2, new Set()), firstTunnelPort);
  t.is(tunnelPort(3, new Set()), firstTunnelPort + 1);
  t.is(tunnelPort(3, new Set([firstTunnelPort + 1])), firstTunnelPort + 3);
  const all = new Set(Array.from({ length: tunnelPorts }, (_, at) => firstTunnelPort + at));
  t.is(tunnelPort(1, all), undefined);
  fc.assert(
    fc.property(fc.integer({ min: 1, max: maxGeneration }), fc.subarray([...all], { maxLength: 7 }), (generation, taken) => {
      const port = tunnelPort(generation, new Set(taken));
      return port !== undefined && all.has(port) && !taken.includes(port) && (port - firstTunnelPort) % 2 === generation % 2;
    }),
  );
});

test('keepalives come twice within the grace, however short that is', (t) => {
  t.deepEqual(tunnelTimesOf(12 * 3_600_000), { rotationMs: 12 * 3_600_000, graceMs: 60_000, keepaliveS: 25 });
  fc.assert(
    fc.property(fc.integer({ min: 10_000, max: 30 * 24 * 3_600_000 }), (rotationMs) => {
      const { graceMs, keepaliveS } = tunnelTimesOf(rotationMs);
      return keepaliveS >= 1 && keepaliveS * 2_000 <= graceMs && graceMs < rotationMs;
    }),
  );
});

test('a move to a newer generation is looked for often, what else may be missing every few seconds', (t) => {
  const times = tunnelTimesOf(12 * 3_600_000);
  t.is(lookAgainMs([own(1), own(2)], true, times), 500);
  t.is(lookAgainMs([own(1), own(2)], false, times), 5_000);
  t.is(lookAgainMs([own(1)], false, times), 5_000);
  t.is(lookAgainMs([own(1), own(2)], false, tunnelTimesOf(10_000)), 1_250);
});
