import test from 'ava';
import {
  linkLines,
  newLinkLines,
  type ObservedPeer,
  parseLinks,
  parseMtu,
  parseTunnel,
  parseWays,
  peerArguments,
  peersInKernel,
  wayLines,
} from './changes.ts';
import type { WishedDevice, WishedPeer } from './plan.ts';

const privateKey = 'cHJpdmF0ZSBoYWxmLCBuZXZlciB0byBiZSBzZWVuISE=';
const [first, second] = ['Zmlyc3QgcHVibGljIGtleSBvZiAzMiBieXRlcywgeWU=', 'c2Vjb25kIHB1YmxpYyBrZXkgb2YgMzIgYnl0ZXMsIHk='];
const dump = [
  `${privateKey}\tb3du\t24790\toff`,
  `${first}\t(none)\t192.0.2.2:24790\t10.47.240.2/32\t1700000000\t1200\t900\t25`,
  `${second}\t(none)\t(none)\t(none)\t0\t0\t0\toff`,
  '',
].join('\n');

test('what a device has is read without its private key', (t) => {
  const tunnel = parseTunnel(dump);
  t.false(JSON.stringify(tunnel).includes(privateKey));
  t.deepEqual(tunnel, {
    publicKey: 'b3du',
    port: 24_790,
    peers: [
      {
        publicKey: first,
        endpoint: '192.0.2.2:24790',
        allowedIps: '10.47.240.2/32',
        handshakeAtS: 1_700_000_000,
        receivedBytes: 1_200,
        keepaliveS: 25,
      },
      { publicKey: second, endpoint: '', allowedIps: '', handshakeAtS: 0, receivedBytes: 0, keepaliveS: 0 },
    ],
  });
  t.deepEqual(parseTunnel(''), { publicKey: '', port: 0, peers: [] });
});

test('devices, routes and the MTU outside are read from what ip prints', (t) => {
  t.deepEqual(
    parseLinks('[{"ifname":"tsowabcdef1","flags":["POINTOPOINT","UP"],"mtu":1420,"addr_info":[{"local":"10.47.240.1","prefixlen":32}]}]'),
    [{ name: 'tsowabcdef1', up: true, mtu: 1420, addresses: ['10.47.240.1/32'] }],
  );
  t.deepEqual(parseLinks(''), []);
  t.deepEqual(
    parseWays('[{"dst":"10.47.240.2","dev":"tsowabcdef1","prefsrc":"10.47.240.1"},{"type":"unreachable","dst":"10.32.0.0/12"}]'),
    [{ address: '10.47.240.2', device: 'tsowabcdef1', source: '10.47.240.1' }],
  );
  t.is(parseMtu('[{"ifname":"eth0","mtu":9000}]'), 9_000);
  t.is(parseMtu('[]'), 1_500);
});

test('peers of a predecessor are found in the kernel, newest key first, without those that have no address', (t) => {
  const tunnel = parseTunnel(dump);
  const newer = { ...tunnel, peers: tunnel.peers.map((peer) => ({ ...peer, publicKey: second })) };
  t.deepEqual(
    peersInKernel(
      new Map([
        [1, tunnel],
        [2, newer],
      ]),
    ),
    [
      {
        nodeId: '',
        address: '10.47.240.2',
        told: 2,
        keys: [
          { generation: 2, publicKey: second, endpoint: '192.0.2.2', port: 24_790 },
          { generation: 1, publicKey: first, endpoint: '192.0.2.2', port: 24_790 },
        ],
      },
    ],
  );
});

const wished: WishedPeer = { publicKey: first, address: '10.47.240.2', endpoint: '192.0.2.2', port: 24_790, keepalive: true };
const observed: ObservedPeer = {
  publicKey: first,
  endpoint: '192.0.2.2:24790',
  allowedIps: '10.47.240.2/32',
  handshakeAtS: 1,
  receivedBytes: 1,
  keepaliveS: 25,
};

test('a peer that is as wished is not named: saying its address again would take it away for a moment', (t) => {
  t.deepEqual(peerArguments([wished], [observed], 25), []);
});

test('of a peer only what differs is said, the keepalive last since it is sent at once', (t) => {
  t.deepEqual(peerArguments([wished], [], 25), [
    ['peer', first, 'endpoint', '192.0.2.2:24790', 'allowed-ips', '10.47.240.2/32', 'persistent-keepalive', '25'],
  ]);
  t.deepEqual(peerArguments([{ ...wished, keepalive: false }], [observed], 25), [['peer', first, 'persistent-keepalive', 'off']]);
  t.deepEqual(peerArguments([wished], [{ ...observed, endpoint: '198.51.100.1:1' }], 25), [['peer', first, 'endpoint', '192.0.2.2:24790']]);
  t.deepEqual(peerArguments([wished], [{ ...observed, allowedIps: '0.0.0.0/0' }], 25), [['peer', first, 'allowed-ips', '10.47.240.2/32']]);
});

test('whoever has an address gives it up before another gets it', (t) => {
  const [gone, came] = peerArguments([{ ...wished, publicKey: second }], [observed], 25);
  t.deepEqual(gone, ['peer', first, 'remove']);
  t.is(came?.[1], second);
});

test('a new device gets its MTU and address before it is up', (t) => {
  t.deepEqual(newLinkLines('tsowabcdef1', '10.47.240.1', 1_420), [
    'link add name tsowabcdef1 type wireguard',
    'link set dev tsowabcdef1 mtu 1420 addrgenmode none',
    'address add 10.47.240.1/32 dev tsowabcdef1',
  ]);
});

test('a device that somebody changed is brought back', (t) => {
  const link = { name: 'tsowabcdef1', up: true, mtu: 1_420, addresses: ['10.47.240.1/32'] };
  t.deepEqual(linkLines(link, '10.47.240.1', 1_420), []);
  t.deepEqual(linkLines({ ...link, mtu: 1_500, addresses: ['192.0.2.9/24'] }, '10.47.240.1', 1_420), [
    'address delete 192.0.2.9/24 dev tsowabcdef1',
    'address add 10.47.240.1/32 dev tsowabcdef1',
    'link set dev tsowabcdef1 mtu 1420',
  ]);
});

const device = (generation: number): WishedDevice => ({ name: `tsowabcdef${generation}`, generation, port: 24_789, peers: [] });
const ours = (name: string): boolean => name.startsWith('tsow');

test('a way moves to another device in one step, and what is as wished is not touched', (t) => {
  const lines = (...ways: { address: string; device: string; source: string }[]) =>
    wayLines([device(1), device(2)], new Map([['10.47.240.2', 2]]), '10.47.240.1', ways, ours);
  const replace = 'route replace 10.47.240.2/32 dev tsowabcdef2 src 10.47.240.1 proto 116';
  t.deepEqual(lines(), [replace]);
  t.deepEqual(lines({ address: '10.47.240.2', device: 'tsowabcdef1', source: '10.47.240.1' }), [replace]);
  t.deepEqual(lines({ address: '10.47.240.2', device: 'tsowabcdef2', source: '10.47.240.1' }), []);
  t.deepEqual(lines({ address: '10.47.240.2', device: 'tsowabcdef2', source: '10.47.240.9' }), [replace]);
});

test('a way to whom nobody is sent goes, one by a device of others stays', (t) => {
  const ways = [
    { address: '10.47.240.3', device: 'tsowabcdef1', source: '10.47.240.1' },
    { address: '10.47.240.4', device: 'eth0', source: '' },
  ];
  t.deepEqual(wayLines([device(1)], new Map(), '10.47.240.1', ways, ours), ['route delete 10.47.240.3/32 dev tsowabcdef1 proto 116']);
});
