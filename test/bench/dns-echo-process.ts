// Part of dns.ts: sends each datagram back. What a program on this machine can do at best, and how long it waits for its turn.
import { createSocket } from 'node:dgram';
import { createInterface } from 'node:readline';

const socket = createSocket({
  type: 'udp4',
  recvBufferSize: 1_048_576,
  lookup: (host, _options, callback) => callback(null, host, 4),
});
socket.on('message', (message, { port, address }) => socket.send(message, port, address));
socket.bind(0, '127.0.0.1', () => console.log(socket.address().port));
for await (const _ of createInterface({ input: process.stdin })) {
  const { user, system } = process.cpuUsage();
  console.log(user + system);
}
socket.close();
