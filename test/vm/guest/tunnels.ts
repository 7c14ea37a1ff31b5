import { once } from 'node:events';
import { rmSync, writeFileSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { Capture } from './capture.ts';
import { eventually, run, succeed, timed } from './host.ts';
import { fact, part, step } from './report.ts';
import { Refusal } from './tunnel-host.ts';
import { answerOf, macOf, TunnelWorld, vnis } from './tunnel-world.ts';

/** The first host renews its key before the others do, which follow it: when the clock says so, see `nextRotation`. */
const hourMs = 3_600_000;
const times = [hourMs / 2, 12 * hourMs, 12 * hourMs].map((rotationMs) => ({ rotationMs, graceMs: 3_000, keepaliveS: 1 }));
const noModule = '/etc/modprobe.d/no-wireguard.conf';
/** Addresses of the tasks on the encrypted network. */
const [a, b, c] = ['10.32.1.10', '10.32.1.11', '10.32.1.12'];
const mtu = 1_500 - 80 - 50;

const refusalOf = async (work: Promise<unknown>): Promise<string> => {
  try {
    await work;
    return 'was not refused';
  } catch (error) {
    return error instanceof Refusal ? `${error.code}: ${error.message}` : String(error);
  }
};

/** A kernel without the module refuses the network, and has it once the module can be loaded. */
const refuse = async (world: TunnelWorld): Promise<void> => {
  step('a host without the module');
  writeFileSync(noModule, 'install wireguard /bin/false\n');
  const host = world.host('h1');
  await host.begin();
  fact('tunnels', 'key without the module', (await host.key()) ?? 'none');
  fact('tunnels', 'networks without the module', await refusalOf(host.call('setNetworks', world.networksOf(host))));
  const task = world.tasks.find(({ id }) => id === 'sealed-h1');
  if (task !== undefined) fact('tunnels', 'task without the module', await refusalOf(world.attach(task)));
  const other = world.tasks.find(({ id }) => id === 'plain-h1');
  if (other !== undefined) fact('tunnels', 'task on another network without the module', await refusalOf(world.attach(other)));
  rmSync(noModule);
};

const begin = async (world: TunnelWorld): Promise<void> => {
  step('three hosts with tunnels');
  await Promise.all(world.hosts.filter(({ name }) => name !== 'h1').map((host) => host.begin()));
  await world.tellKeys();
  await Promise.all(world.hosts.map((host) => world.tellNetworks(host)));
  await Promise.all(world.tasks.map((task) => world.attach(task)));
  await Promise.all(['sealed-h2', 'sealed-h3', 'sealed-h1', 'plain-h1'].map((task) => world.serve(task)));
  const listing = await succeed('find', ['/run/hosts/h1/tunnels', '-printf', '%f %m\\n']);
  fact('tunnels', 'files', listing.trim().split('\n').toSorted());
};

const transfer = async (world: TunnelWorld): Promise<void> => {
  step('traffic of every size between three hosts');
  const capture = await Capture.start();
  const both = [world.ask('sealed-h1', 'transfer', b, String(mtu)), world.ask('sealed-h2', 'transfer', c, String(mtu))];
  fact('tunnels', 'from 1 to 2', await both[0]);
  fact('tunnels', 'from 2 to 3', await both[1]);
  fact('tunnels', 'wire of the transfers', await capture.end());
};

/** The clock goes on by more than a key of the first host may be old. Returns the generation of its next key, whose tunnel is there then. */
const nextRotation = async (what: string, world: TunnelWorld): Promise<number> => {
  step(what);
  const next = (await world.newest()) + 1;
  await succeed('date', ['--set', '+1 hour']);
  await timed('tunnels', `${what}: begun`, () => world.begun(next));
  return next;
};

/** Keys change twice while datagrams and a stream go on; the second time an agent is killed in the middle of it. */
const rotate = async (world: TunnelWorld): Promise<void> => {
  const loads = [world.traffic('sealed-h1', 'load', b), world.traffic('sealed-h2', 'load', c)];
  const answers = loads.map((load) => answerOf<unknown>(load));
  await Promise.all(loads.map((load) => once(load.stdout as Readable, 'data')));
  const first = await nextRotation('change of keys', world);
  await timed('tunnels', 'change of keys', () => world.settled(first));
  for (const load of loads) load.stdin?.write('next\n');
  const second = await nextRotation('change of keys with a kill', world);
  const host = world.host('h2');
  await host.kill();
  await host.begin();
  // In the order in which an agent is told: without an address inside tunnels an encrypted network has nobody elsewhere.
  await world.tellKeys();
  await world.tellNetworks(host);
  await timed('tunnels', 'change of keys with a kill', () => world.settled(second));
  for (const load of loads) load.stdin?.end();
  fact('tunnels', 'load from 1 to 2', await answers[0]);
  fact('tunnels', 'load from 2 to 3', await answers[1]);
};

/** Devices are taken away by hand: nothing leaves in the clear, with an agent that sleeps, and it mends them when it wakes. */
const cut = async (world: TunnelWorld): Promise<void> => {
  step('the tunnel of a host is gone');
  const host = world.host('h1');
  await succeed('kill', ['-STOP', String(host.pid)]);
  const capture = await Capture.start();
  for (const name of await host.tunnels()) await host.in('ip', 'link', 'delete', name);
  // The worst that could be: what is for the others' addresses inside tunnels has a way, in the clear.
  await host.in('ip', 'route', 'add', '10.47.240.0/24', 'dev', 'eth0');
  await world.ask('sealed-h1', 'shout', b, '2');
  fact('tunnels', 'wire without a tunnel', await capture.end());
  await host.in('ip', 'route', 'delete', '10.47.240.0/24', 'dev', 'eth0');
  await succeed('kill', ['-CONT', String(host.pid)]);
  fact('tunnels', 'answered again after ms', await world.ask('sealed-h1', 'until', b));
};

/** Frames in the clear, from a host of the cluster with an address inside tunnels, for a task on the encrypted network. */
const inject = async (world: TunnelWorld): Promise<void> => {
  step('frames in the clear from another host');
  const to = world.host('h1').address;
  const from = world.tunnelAddress('h2');
  const h3 = world.host('h3');
  // A host that somebody took over: its own rules are gone and stay away.
  await succeed('kill', ['-STOP', String(h3.pid)]);
  await h3.in('nft', 'flush', 'ruleset');
  await h3.in('ip', 'address', 'add', `${from}/32`, 'dev', 'eth0');
  await h3.in('ip', 'route', 'add', `${world.tunnelAddress('h1')}/32`, 'dev', 'eth0', 'metric', '1', 'src', from).catch(() => '');
  const plain = [h3.address, to, vnis.plain, macOf('10.32.2.10'), '10.32.2.10'];
  const sealed = [to, vnis.sealed, macOf(a), a];
  await world.onHost('h3', 'inject', ...[...plain, h3.address, ...sealed, from, ...sealed].map(String));
  fact('tunnels', 'injected into the plain network', await world.ask('plain-h3', 'heard', '10.32.2.10'));
  fact('tunnels', 'injected into the encrypted network', await world.ask('sealed-h2', 'heard', a));
};

/** With nothing encrypted any more there is no tunnel. */
const leave = async (world: TunnelWorld): Promise<void> => {
  step('nothing is encrypted any more');
  const host = world.host('h2');
  await host.call('detach', 'sealed-h2');
  await host.call('setNetworks', []);
  await host.call('setTunnels', { address: '', peers: [] });
  const devices = await eventually('the devices are gone', async () => {
    const { stdout } = await run('ip', ['-n', 'h2', '-brief', 'link', 'show']);
    return stdout.includes('tso')
      ? undefined
      : stdout
          .trim()
          .split('\n')
          .map((line) => line.split(/[\s@]/)[0] ?? '');
  });
  fact('tunnels', 'devices that are left', devices);
};

/** Encrypted networks over three hosts, which are namespaces of this machine. */
export const checkTunnels = (): Promise<void> =>
  part('tunnels', async () => {
    const world = new TunnelWorld(times);
    try {
      await world.makeWire();
      await timed('tunnels', 'refusal', () => refuse(world));
      await timed('tunnels', 'beginning', () => begin(world));
      await timed('tunnels', 'transfers', () => transfer(world));
      await timed('tunnels', 'rotation', () => rotate(world));
      await timed('tunnels', 'cut', () => cut(world));
      await timed('tunnels', 'injection', () => inject(world));
      await timed('tunnels', 'leaving', () => leave(world));
    } finally {
      await world.end();
    }
  });
