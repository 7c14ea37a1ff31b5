import test from 'ava';
import { clashingSocket, parseSctpEndpoints, parseSockets } from './sockets.ts';

const tcp = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4711 1 0 100 0 0 10 0
   1: 00000000:0050 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4712 1 0 100 0 0 10 0
   2: 0100007F:1F91 0100007F:9C40 01 00000000:00000000 00:00000000 00000000     0        0 4713 1 0 100 0 0 10 0
`;
const tcp6 = `  sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 00000000000000000000000000000000:01BB 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4714 1 0 100 0 0 10 0
   1: 0000000000000000FFFF00000100007F:01BC 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4715 1 0 100 0 0 10 0
`;

test('listening sockets are read with port, address and inode; connected ones hold nothing', (t) => {
  t.deepEqual(parseSockets(tcp), [
    { port: 8080, wildcard: false, address: '127.0.0.1', inode: '4711' },
    { port: 80, wildcard: true, address: '0.0.0.0', inode: '4712' },
  ]);
  t.deepEqual(parseSockets(tcp6), [
    { port: 443, wildcard: true, address: '', inode: '4714' },
    { port: 444, wildcard: false, address: '127.0.0.1', inode: '4715' },
  ]);
});

test('a port clashes at its own address, at the wildcard, and with the wish for every address', (t) => {
  const sockets = [...parseSockets(tcp), ...parseSockets(tcp6)];
  t.is(clashingSocket(sockets, 8080, '')?.inode, '4711');
  t.is(clashingSocket(sockets, 8080, '127.0.0.1')?.inode, '4711');
  t.is(clashingSocket(sockets, 8080, '192.0.2.1'), undefined);
  t.is(clashingSocket(sockets, 80, '192.0.2.1')?.inode, '4712');
  t.is(clashingSocket(sockets, 443, '192.0.2.1')?.inode, '4714');
  t.is(clashingSocket(sockets, 81, ''), undefined);
});

test('listening SCTP endpoints are read with their port, address and inode', (t) => {
  const text = [
    ' ENDPT     SOCK   STY SST HBKT LPORT   UID INODE LADDRS',
    '00000000f9ff23e6 000000001f8cd0e1 2   10  29   7060      0 45210 0.0.0.0 ',
    '00000000f9ff23e7 000000001f8cd0e2 0   10  31   7061   1000 45211 *192.0.2.7 10.0.0.7 ',
    '00000000f9ff23e8 000000001f8cd0e3 0   7   32   7062   1000 45212 192.0.2.7 ',
  ].join('\n');
  t.deepEqual(parseSctpEndpoints(text), [
    { port: 7060, wildcard: true, address: '0.0.0.0', inode: '45210' },
    { port: 7061, wildcard: false, address: '192.0.2.7', inode: '45211' },
  ]);
  t.deepEqual(parseSctpEndpoints(''), []);
});
