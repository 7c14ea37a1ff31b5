// Says who it is on port 90 and then whatever it is sent, as a program that needs nothing beside Node. Of BusyBox, nc lets two wait to be taken and
// forgets some of those beyond, who then have a connection that nobody answers.
import { createServer } from 'node:net';
import { hostname } from 'node:os';

const server = createServer((socket) => {
  socket.on('error', () => socket.destroy());
  socket.write(`${hostname()}\n`);
  socket.pipe(socket);
});
server.listen({ port: 90, backlog: 512 });
