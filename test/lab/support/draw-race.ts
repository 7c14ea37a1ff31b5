// Run in a network namespace of its own: connects to a port that rules translate, while the rules are changed all the time, and prints how that went.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { drawnTargets } from '../../../node-agent/src/network/publish.ts';

const [nft = '', asked = '0'] = process.argv.slice(2);
const server = createServer((socket) => socket.on('error', () => socket.destroy()));
server.listen({ host: '127.0.0.1', port: 9_000, backlog: 4_096 });
await once(server, 'listening');

const rules = drawnTargets('numgen random mod 2 map { 0 : 127.0.0.1, 1 : 127.0.0.1 }', '127.0.0.1', 2)
  .map((target) => `add rule ip race lane meta l4proto tcp dnat to ${target} : 9000`)
  .join('; ');
const program = spawn(nft, ['--interactive'], { stdio: ['pipe', 'ignore', 'inherit'] });
const tell = (line: string): void => {
  program.stdin.write(`${line}\n`);
};
tell('add table ip race; add chain ip race lane; add chain ip race out { type nat hook output priority -100; }');
tell(`add rule ip race out tcp dport 9001 goto lane; ${rules}`);

/** Whether somebody answered; the connection itself is of no use to anybody. */
const reaches = (): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(9_001, '127.0.0.1');
    socket.on('connect', () => {
      resolve(true);
      socket.resetAndDestroy();
    });
    socket.on('error', () => resolve(false));
  });

const deadline = performance.now() + 20_000;
while (!(await reaches()) && performance.now() < deadline);
let changes = 0;
const changing = setInterval(() => {
  changes += 1;
  tell(`flush chain ip race lane; ${rules}`);
}, 1);
let refused = 0;
const ask = async (count: number): Promise<void> => {
  for (let left = count; left > 0; left -= 1) if (!(await reaches())) refused += 1;
};
await Promise.all(Array.from({ length: 10 }, () => ask(Number(asked) / 10)));
clearInterval(changing);
program.stdin.end();
server.close();
console.log(JSON.stringify({ changes, refused }));
