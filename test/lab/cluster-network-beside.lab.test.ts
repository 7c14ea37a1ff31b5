// Beside others on the same hosts: firewalls of Docker and firewalld, strict settings; and hands that take away what is ours.
import type { ChildProcess } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { EndpointView } from '@tso/proto';
import test from 'ava';
import { ClusterLab } from './hosts/cluster-lab.ts';
import { during, pauseAgent } from './hosts/faults.ts';
import { nft } from './hosts/wires.ts';
import { eventually } from './support/eventually.ts';
import { type FirewallKind, firewallCures, makeFirewall, rulesOfOthers } from './support/firewalls.ts';
import { answersAt } from './support/healthcheck.ts';
import type { LabHost } from './support/lab-host.ts';

const firewalls: Readonly<Record<string, FirewallKind>> = { m1: 'docker', w1: 'docker-legacy', w2: 'firewalld' };
const kindOf = (host: LabHost): FirewallKind => firewalls[host.name] ?? 'docker';
/** Of others, before anything of ours ran. */
const rulesBefore = new Map<string, string>();

const prepare = async (host: LabHost): Promise<void> => {
  await host.run('sysctl', ['-q', '-w', 'net.ipv4.conf.all.rp_filter=1', 'net.ipv4.conf.default.rp_filter=1']);
  const bridged = host.name === 'w2' ? '0' : '1';
  await host.run('sysctl', ['-q', '-w', `net.bridge.bridge-nf-call-iptables=${bridged}`, `net.bridge.bridge-nf-call-ip6tables=${bridged}`]);
  await makeFirewall(host, kindOf(host));
  rulesBefore.set(host.name, await rulesOfOthers(host));
};

const stack = `
services:
  web:
    image: busybox:1
    command: ["/bin/sh", "-c", "mkdir -p /www && hostname > /www/index.html && exec httpd -f -p 80 -h /www"]
    ${answersAt()}
    ports: ["8080:80"]
    stop_grace_period: 200ms
    deploy: { mode: global }
`;

const cluster = await ClusterLab.start({ managers: 1, workers: 2, prepare });
const hosts = cluster.members;
const w1 = cluster.host('w1');
const children: ChildProcess[] = [];
const outside = `http://${cluster.lab.wires.gateway}:9000/`;

test.before(async () => {
  children.push(w1.clientSpawn('busybox', ['httpd', '-f', '-p', '9000', '-h', '/etc']));
  await cluster.up('shop', stack);
});
test.after.always(async () => {
  for (const child of children) child.kill('SIGKILL');
  await cluster.destroy();
});

const tasks = async (): Promise<readonly EndpointView[]> =>
  (await cluster.ask((api) => api.control((control) => control.getNetwork({ network: 'shop_default' }, { deadlineMs: 3_000 })))).endpoints;
const taskOn = async (host: LabHost): Promise<string> => {
  const found = (await tasks()).find(({ node }) => node === host.name);
  if (found === undefined) throw new Error(`no task on ${host.name}`);
  return found.taskId;
};

const script = 'for url; do (curl -sS -o /dev/null --max-time 5 "$url" 2>/dev/null && echo "$url") & done; wait';
const answered = (text: string): readonly string[] =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .toSorted();
/** Which of these answer a program in the task on that host. */
const reached = async (host: LabHost, urls: readonly string[]): Promise<readonly string[]> => {
  const pid = (await host.mainPids()).get(await taskOn(host));
  if (pid === undefined) throw new Error(`the task on ${host.name} does not run`);
  const inside = ['-t', String(pid), '--net', '--mount', '--root', '--', '/bin/sh', '-c', script, 'sh', ...urls];
  return answered(await host.run('nsenter', inside));
};
/** How many of so many requests to the published port of a host are answered outside of all hosts. */
const published = async (host: LabHost, count = 12): Promise<number> => {
  const urls = Array.from({ length: count }, (_, at) => `http://${host.address}:8080/?${at}`);
  return answered(await cluster.lab.client('/bin/sh', ['-c', script, 'sh', ...urls])).length;
};
const direct = async (): Promise<readonly string[]> => (await tasks()).map(({ address }) => `http://${address}/`).toSorted();
const troublesOf = async (host: LabHost): Promise<readonly string[]> => (await cluster.node(host)).node.description?.troubles ?? [];

test.serial('networks lead from host to host beneath firewalls that let nothing through, and strict checks of paths', async (t) => {
  const urls = await direct();
  t.is(urls.length, 3);
  for (const host of hosts) t.deepEqual(await reached(host, urls), urls, host.name);
  // By its name, whose address is translated in the task's own namespace, where no firewall closes the host to its containers.
  for (const name of ['m1', 'w1']) t.deepEqual(await reached(cluster.host(name), ['http://web/']), ['http://web/'], name);
});

test.serial('what firewalls close is said for each host with what to type, and nothing of theirs is changed', async (t) => {
  for (const host of hosts) {
    const { told } = firewallCures[kindOf(host)];
    const hooks = kindOf(host) === 'firewalld' ? 2 : 1;
    const troubles = await eventually(`${host.name} says what is in the way`, async () => {
      const said = await troublesOf(host);
      return said.length >= hooks && said;
    });
    t.is(troubles.length, hooks, troubles.join('\n'));
    for (const trouble of troubles) t.regex(trouble, told);
    t.true((await host.tso(['doctor'])).stdout.replaceAll(/\s+/g, ' ').includes((troubles[0] ?? '').slice(0, 60)), host.name);
    t.deepEqual(await reached(host, [outside]), [], `${host.name}: the way out is closed`);
    t.is(await rulesOfOthers(host), rulesBefore.get(host.name) ?? '');
  }
  // firewalld lets translated connections pass; the others do not, but for what their host asks itself.
  t.is(await published(cluster.host('m1')), 0);
  t.deepEqual(await reached(cluster.host('w2'), ['http://web/']), [], 'no names through an input that is closed');
});

test.serial('once that is typed the way out, names and published ports are open on every host, and nothing is said any more', async (t) => {
  for (const host of hosts) await host.run('sh', ['-c', firewallCures[kindOf(host)].take]);
  for (const host of hosts) {
    t.deepEqual(await reached(host, [outside, 'http://web/']), [outside, 'http://web/'].toSorted(), host.name);
    t.is(await published(host), 12, host.name);
    await host.run('curl', ['-sS', '-o', '/dev/null', '--max-time', '30', 'http://127.0.0.1:8080/']);
  }
  for (const host of hosts) await eventually(`${host.name} has nothing to say`, async () => (await troublesOf(host)).length === 0, 30_000);
  t.pass();
});

const inTask = async (host: LabHost, ...args: readonly string[]): Promise<string> =>
  host.run('nsenter', [`--net=${join(host.runDir, 'netns', await taskOn(host))}`, ...args]);
const sorted = (text: string): string => text.split('\n').toSorted().join('\n');
/** All that a host has of networks, in its own namespace and its task's, without what comes and goes. */
const facts = async (host: LabHost): Promise<string> => {
  const parts = await Promise.all([
    host.run('ip', ['-brief', 'address']),
    host.run('ip', ['route']),
    host.run('ip', ['neigh', 'show', 'nud', 'permanent']),
    host.run('bridge', ['fdb', 'show']),
    host.run(nft, ['-s', 'list', 'ruleset']),
    host.run('sysctl', ['net.ipv4.ip_forward']),
    inTask(host, 'ip', '-brief', '-4', 'address'),
    inTask(host, 'ip', 'route', 'show', 'table', 'all', 'type', 'unicast'),
    inTask(host, nft, '-s', 'list', 'ruleset'),
  ]);
  const known = parts.map((part) =>
    sorted(
      part
        .replaceAll(/@\S+/g, '')
        .replaceAll(/ +/g, ' ')
        .replaceAll(/^.* (33:33:|01:00:5e:).*\n/gm, '')
        .replaceAll(/ expires \S+/g, ''),
    ),
  );
  return known.join('\n=====\n');
};

const logOf = (host: LabHost): Promise<string> => readFile(join(host.folder, 'tsod.log'), 'utf8');
/** What was said to be put right since the log had that length. */
const putRight = async (host: LabHost, since: number): Promise<readonly string[]> =>
  [...(await logOf(host)).slice(since).matchAll(/"msg":"put right what was changed on this host: ([^"]*)"/g)].map(
    (match) => match[1] ?? '',
  );

interface Hand {
  readonly what: string;
  readonly takes: readonly (readonly string[])[];
  readonly named: readonly RegExp[];
}

test.serial(
  'what hands take away of ours is back within ten seconds, named in one warning, and nothing of others is touched',
  async (t) => {
    const links = JSON.parse(await w1.run('ip', ['-json', 'link'])) as { readonly ifname: string }[];
    const network = (await cluster.ask((api) => api.control((control) => control.getNetwork({ network: 'shop_default' })))).network;
    const vni = (network?.vni ?? 0).toString(36);
    const device = (kind: string, end = vni): string =>
      links.find(({ ifname }) => ifname.startsWith(kind) && ifname.endsWith(end))?.ifname ?? '';
    const [vxlan, gateway, own] = [device('tsox'), device('tsog'), device('tsoh', '')];
    for (const name of [vxlan, gateway, own]) t.not(name, '', JSON.stringify(links.map(({ ifname }) => ifname)));
    const far = (await tasks()).find(({ node }) => node === 'm1');
    const table = /^table inet (tso\S*)/m.exec(await w1.run(nft, ['list', 'tables']))?.[1] ?? '';
    const pool = (await w1.run('ip', ['route', 'show', 'type', 'unreachable'])).trim().split(' ');
    const taskId = await taskOn(w1);
    const near = (await tasks()).find(({ node }) => node === 'w1');
    const inside = ['nsenter', `--net=${join(w1.runDir, 'netns', taskId)}`];
    const hands: readonly Hand[] = [
      {
        what: 'entries, addresses, routes, settings and rules',
        takes: [
          ['bridge', 'fdb', 'delete', far?.mac ?? '', 'dev', vxlan, 'dst', cluster.host('m1').address, 'self'],
          ['ip', 'neigh', 'delete', far?.address ?? '', 'dev', vxlan],
          ['ip', 'route', 'delete', ...pool],
          ['ip', 'address', 'delete', `${network?.gateway}/24`, 'dev', gateway],
          ['sysctl', '-q', '-w', 'net.ipv4.ip_forward=0'],
          [nft, 'flush', 'chain', 'inet', table, 'early'],
          [...inside, nft, 'delete', 'table', 'netdev', 'tso'],
          [...inside, 'ip', 'route', 'delete', 'default'],
        ],
        named: [
          /entries of network shop_default/,
          /claims/,
          /gateway tsog/,
          /forward/,
          /table inet tso/,
          new RegExp(`task ${taskId} lacked .*rules`),
        ],
      },
      {
        what: 'devices and tables',
        takes: [
          ['ip', 'link', 'delete', gateway],
          ['ip', 'link', 'delete', own],
          [nft, 'delete', 'table', 'inet', table],
          [...inside, nft, 'delete', 'table', 'ip', 'tso'],
          [...inside, 'ip', 'address', 'delete', `${near?.address}/24`, 'dev', 'eth0'],
        ],
        named: [/gateway tsog/, /own address tsoh/, new RegExp(`task ${taskId} lacked`)],
      },
      {
        what: 'the VXLAN device with all that is on it',
        takes: [['ip', 'link', 'delete', vxlan]],
        named: [/device tsox\S+ of network shop_default/],
      },
    ];
    const before = await facts(w1);
    const isBack = async (): Promise<boolean> => {
      const now = await facts(w1);
      if (now === before) return true;
      const [had, has] = [new Set(before.split('\n')), new Set(now.split('\n'))];
      throw new Error(
        `lacks: ${[...had].filter((line) => !has.has(line)).join(' | ')}; and has: ${[...has].filter((line) => !had.has(line)).join(' | ')}`,
      );
    };
    await eventually('the host is at rest', isBack);
    const others = await rulesOfOthers(w1);
    const flows = async (): Promise<void> => {
      const urls = [...(await direct()), 'http://web/', outside].toSorted();
      t.deepEqual(await reached(w1, urls), urls);
      t.deepEqual(await reached(cluster.host('m1'), urls), urls);
      t.is(await published(w1), 12);
    };
    for (const { what, takes, named } of hands) {
      const since = (await logOf(w1)).length;
      // The agent sees all of it at once: what it says of it is said once.
      await during([await pauseAgent(w1)], async () => {
        for (const [program = '', ...args] of takes) await w1.run(program, args);
      });
      const beganAt = performance.now();
      await eventually(`${what}: back`, isBack, 10_000);
      t.log(`${what}: back after ${((performance.now() - beganAt) / 1_000).toFixed(1)} s`);
      await flows();
      const said = await putRight(w1, since);
      t.true(said.length <= 2, said.join('\n'));
      for (const pattern of named) t.is(said.filter((line) => pattern.test(line)).length, 1, `${pattern} in ${said.join('\n')}`);
      t.is(await rulesOfOthers(w1), others);
    }
    // And while no agent runs.
    await w1.stopDaemon('SIGKILL');
    for (const args of [
      ['ip', 'link', 'delete', vxlan],
      [nft, 'delete', 'table', 'inet', table],
      ['ip', 'route', 'delete', ...pool],
    ]) {
      const [program = '', ...rest] = args;
      await w1.run(program, rest);
    }
    await w1.startDaemon();
    await eventually('what was taken while no agent ran is back', isBack, 10_000);
    await flows();
    t.is(await rulesOfOthers(w1), others);
  },
);

test.serial('the stack gone and the agents stopped, hosts have the rules of others as they were, and none of ours', async (t) => {
  for (const host of hosts) await host.run('sh', ['-c', firewallCures[kindOf(host)].takeBack]);
  await cluster.host('m1').tsoOk(['down', '-p', 'shop']);
  for (const host of hosts) {
    t.is(await rulesOfOthers(host), rulesBefore.get(host.name) ?? '', host.name);
    await host.stopDaemon();
    t.is(await rulesOfOthers(host), rulesBefore.get(host.name) ?? '', `${host.name}, without its agent`);
  }
});
