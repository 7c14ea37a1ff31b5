import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import test from 'ava';
import { command } from './support/command.ts';
import { eventually } from './support/eventually.ts';
import { LabHost } from './support/lab-host.ts';
import { CallFailure, labEndpoint, labNetwork, labPlan, labPort, macOf, NetworksDaemon } from './support/networks-daemon.ts';

// Two tasks `web` and a task `db` on network 1, `lone` on network 2, `vault` on the internal network 3: plain processes in the namespaces
// that the agent's networks make, without containers around them.

const tool = join(import.meta.dirname, 'support/net-tool.ts');
const nft = '/usr/sbin/nft';
const settings = { clusterId: 'lab', addressPool: '10.32.0.0/12', vxlanPort: 4789, nodeAddress: '' };
const upstreamAddress = '203.0.113.7';

const host = await LabHost.create();
const resolvConf = join(host.folder, 'resolv.conf');
const servers: ChildProcess[] = [];
let daemon: NetworksDaemon;
let beginning: string;

const addresses = { weba: '10.32.1.3', webb: '10.32.1.4', db: '10.32.1.5', lone: '10.32.2.3', vault: '10.32.3.3' };

const networks = (serving: Partial<Record<keyof typeof addresses, boolean>> = {}) => {
  const endpoint = (taskId: keyof typeof addresses, service: string, names: string[]) =>
    labEndpoint(taskId, service, addresses[taskId], { names, serving: serving[taskId] ?? true });
  return [
    labNetwork(1, {
      endpoints: [
        endpoint('weba', 'web', ['web', 'page', 'weba']),
        endpoint('webb', 'web', ['web', 'page', 'webb']),
        endpoint('db', 'db', ['db']),
      ],
    }),
    labNetwork(2, { endpoints: [endpoint('lone', 'lone', ['lone'])] }),
    labNetwork(3, { internal: true, endpoints: [endpoint('vault', 'vault', ['vault'])] }),
  ];
};

const plans = [
  labPlan('weba', { 1: addresses.weba }),
  labPlan('webb', { 1: addresses.webb }),
  labPlan('db', { 1: addresses.db }),
  labPlan('lone', { 2: addresses.lone }),
  labPlan('vault', { 3: addresses.vault }),
];

/** What the host's namespace and run directory hold, to be compared. */
const inventory = async (): Promise<string> => {
  const parts = await Promise.all([
    host.run('ip', ['-brief', 'link']),
    host.run('ip', ['-brief', '-4', 'address']),
    host.run('ip', ['route']),
    host.run(nft, ['list', 'ruleset']),
    host.run('sh', ['-c', `ls ${host.runDir}/netns 2>/dev/null; grep -c ${host.runDir} /proc/self/mountinfo; true`]),
  ]);
  return parts.join('\n');
};

const namespace = (taskId: string) => `--net=${host.runDir}/netns/${taskId}`;
const inTask = (taskId: string, program: string, ...args: string[]) => host.exec('nsenter', [namespace(taskId), program, ...args]);
const toolIn = (taskId: string, ...args: string[]) => inTask(taskId, process.execPath, tool, ...args);
const toolHere = (...args: string[]) => host.exec(process.execPath, [tool, ...args]);
const toolOutside = (...args: string[]) =>
  command('nsenter', [`--net=${join(host.folder, 'ns/client')}`, '--', process.execPath, tool, ...args]);

const untilReady = async (child: ChildProcess): Promise<ChildProcess> => {
  servers.push(child);
  if (child.stdout !== null) await once(createInterface({ input: child.stdout }), 'line');
  return child;
};
const serve = (taskId: string, port: number) =>
  untilReady(host.spawn('nsenter', [namespace(taskId), process.execPath, tool, 'serve', taskId, String(port)]));
const onHost = (...args: string[]) => untilReady(host.spawn(process.execPath, [tool, ...args]));

const end = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
};

/** Ends the daemon as a crash does, and starts it the way the agent does. */
const restart = async (...more: string[]): Promise<void> => {
  await daemon.kill();
  daemon = await NetworksDaemon.start(host, host.runDir, resolvConf);
  await daemon.call('configure', settings);
  await daemon.call('collectGarbage', [...Object.keys(addresses), 'both', ...more]);
  await daemon.call('setNetworks', networks());
  await daemon.call('publish', webPorts());
};

/** The name of the daemon's table, while it is the only one. */
const table = async (): Promise<string> => (await host.run(nft, ['list', 'tables'])).trim().split(' ').at(-1) ?? '';

/** Who answers, and whom it saw asking. */
const answer = (outcome: { readonly code: number; readonly stdout: string; readonly stderr: string }): string =>
  outcome.code === 0 ? outcome.stdout.trim() : `failed: ${outcome.stderr.trim().split('\n')[0]}`;

interface DnsReply {
  readonly rcode: number;
  readonly truncated: boolean;
  readonly count: number;
  readonly addresses: readonly string[];
}
const dns = async (taskId: string, name: string, type = 'A', transport = 'udp', size = 0): Promise<DnsReply> => {
  const outcome = await toolIn(taskId, 'dns', '127.0.0.11', name, type, transport, String(size));
  if (outcome.code !== 0) throw new Error(outcome.stderr);
  return JSON.parse(outcome.stdout) as DnsReply;
};

test.before(async () => {
  await writeFile(resolvConf, 'nameserver 127.0.0.53\nsearch example.test\n');
  await host.run('mkdir', ['-p', host.runDir]);
  beginning = await inventory();
  daemon = await NetworksDaemon.start(host, host.runDir, resolvConf);
  await daemon.call('configure', settings);
  await daemon.call('setNetworks', networks());
  for (const plan of plans) await daemon.call('attach', plan);
  await Promise.all([...Object.keys(addresses).map((taskId) => serve(taskId, 7000)), onHost('resolver', '127.0.0.53', upstreamAddress)]);
});
test.after.always(async () => {
  await Promise.all(servers.map(end));
  await host.destroy();
});

test.serial('tasks of a network reach each other by address, each with its own', async (t) => {
  t.is(answer(await toolIn('weba', 'ask', addresses.db, '7000')), `db ${addresses.weba}`);
  t.is(answer(await toolIn('db', 'ask', addresses.webb, '7000', 'udp')), `webb ${addresses.db}`);
});

test.serial('names are answered at 127.0.0.11 by UDP and TCP', async (t) => {
  for (const transport of ['udp', 'tcp']) {
    t.deepEqual((await dns('db', 'web', 'A', transport)).addresses.toSorted(), [addresses.weba, addresses.webb], transport);
    t.deepEqual((await dns('weba', 'DB', 'A', transport)).addresses, [addresses.db], transport);
  }
  t.deepEqual((await dns('db', 'tasks.web')).addresses.toSorted(), [addresses.weba, addresses.webb]);
  t.deepEqual((await dns('db', 'page')).addresses.toSorted(), [addresses.weba, addresses.webb]);
});

test.serial('a known name has no IPv6 address and is not looked for elsewhere', async (t) => {
  t.deepEqual(await dns('db', 'web', 'AAAA'), { rcode: 0, truncated: false, count: 0, addresses: [] });
});

test.serial('an address has a name, and one of ours that nobody has has none', async (t) => {
  t.is((await dns('db', '3.1.32.10.in-addr.arpa', 'PTR')).count, 1);
  t.is((await dns('db', '99.1.32.10.in-addr.arpa', 'PTR')).rcode, 3);
});

test.serial('the order of answers turns, so that replicas share the work', async (t) => {
  const firsts = new Set<string | undefined>();
  for (let count = 0; count < 4; count++) firsts.add((await dns('db', 'web')).addresses[0]);
  t.is(firsts.size, 2);
});

test.serial('other names are asked of the resolvers of the host, also of one on its loopback', async (t) => {
  t.deepEqual((await dns('weba', 'www.example.com')).addresses, [upstreamAddress]);
  t.deepEqual((await dns('weba', 'www.example.com', 'A', 'tcp')).addresses, [upstreamAddress]);
});

test.serial('a task sees the names of its own networks only', async (t) => {
  t.deepEqual((await dns('lone', 'lone')).addresses, [addresses.lone]);
  t.deepEqual((await dns('lone', 'db')).addresses, [upstreamAddress]);
});

test.serial('who is no task gets no answers', async (t) => {
  const outcome = await toolHere('dns', '10.32.1.1', 'db', 'A', 'udp');
  t.is((JSON.parse(outcome.stdout) as DnsReply).rcode, 5);
});

test.serial('a task that stops serving is not answered any more', async (t) => {
  const [first] = networks({ weba: false });
  await daemon.call('setEndpoints', 'network-1', first?.endpoints ?? []);
  t.deepEqual((await dns('db', 'web')).addresses, [addresses.webb]);
  t.deepEqual(await dns('db', 'weba'), { rcode: 0, truncated: false, count: 0, addresses: [] });
  await daemon.call('setEndpoints', 'network-1', networks()[0]?.endpoints ?? []);
});

test.serial('an answer too large for UDP is cut and whole by TCP', async (t) => {
  const many = Array.from({ length: 120 }, (_, index) => labEndpoint(`many${index}`, 'many', `10.32.1.${index + 10}`));
  await daemon.call('setEndpoints', 'network-1', [...(networks()[0]?.endpoints ?? []), ...many]);
  const short = await dns('db', 'many');
  t.true(short.truncated && short.count > 10 && short.count < 40, JSON.stringify(short));
  t.true((await dns('db', 'many', 'A', 'udp', 1200)).count > short.count);
  t.is((await dns('db', 'many', 'A', 'tcp')).count, 120);
  await daemon.call('setEndpoints', 'network-1', networks()[0]?.endpoints ?? []);
});

test.serial('a task reaches the outside in the name of the host', async (t) => {
  const server = await untilReady(
    host.spawn('nsenter', [`--net=${join(host.folder, 'ns/client')}`, process.execPath, tool, 'serve', 'outside', '9000']),
  );
  t.is(answer(await toolIn('weba', 'ask', host.clientAddress, '9000')), `outside ${host.address}`);
  t.is(answer(await toolIn('weba', 'ask', host.clientAddress, '9000', 'udp')), `outside ${host.address}`);
  t.regex(answer(await toolIn('vault', 'ask', host.clientAddress, '9000')), /ENETUNREACH/);
  await end(server);
});

test.serial('an internal network has no way out, not even with a route', async (t) => {
  await inTask('vault', 'ip', 'route', 'add', 'default', 'via', '10.32.3.1');
  await host.client('ip', ['route', 'add', '10.32.0.0/12', 'via', host.address]);
  const outside = await untilReady(
    host.spawn('nsenter', [`--net=${join(host.folder, 'ns/client')}`, process.execPath, tool, 'serve', 'outside', '9001']),
  );
  const local = await onHost('serve', 'host', '9002');
  const answers = await Promise.all([
    toolIn('vault', 'ask', host.clientAddress, '9001'),
    toolIn('vault', 'ask', host.address, '9002'),
    toolIn('vault', 'ask', addresses.db, '7000'),
  ]);
  for (const outcome of answers) t.regex(answer(outcome), /no answer/);
  t.is((await dns('vault', 'www.example.com')).rcode, 3);
  t.deepEqual((await dns('vault', 'vault')).addresses, [addresses.vault]);
  await inTask('vault', 'ip', 'route', 'del', 'default');
  await host.client('ip', ['route', 'del', '10.32.0.0/12']);
  await Promise.all([outside, local].map(end));
});

test.serial('two networks do not reach each other, and nobody outside reaches into one', async (t) => {
  await host.client('ip', ['route', 'add', '10.32.0.0/12', 'via', host.address]);
  const answers = await Promise.all([toolIn('weba', 'ask', addresses.lone, '7000'), toolOutside('ask', addresses.weba, '7000')]);
  for (const outcome of answers) t.regex(answer(outcome), /no answer/);
  await host.client('ip', ['route', 'del', '10.32.0.0/12']);
});

test.serial("the host's loopback is out of a task's reach, and only our rules keep it so", async (t) => {
  const local = await onHost('hear', '127.0.0.1', '9003');
  await daemon.call('attach', labPlan('prober', { 1: '10.32.1.80' }));
  for (const route of [
    ['del', 'local', '127.0.0.1', 'dev', 'lo', 'table', 'local'],
    ['del', 'local', '127.0.0.0/8', 'dev', 'lo', 'table', 'local'],
    ['add', '127.0.0.1/32', 'via', '10.32.1.1', 'src', '10.32.1.80'],
  ]) {
    t.is((await inTask('prober', 'ip', 'route', ...route)).stderr, '');
  }
  const heard = local.stdout === null ? Promise.resolve([]) : once(local.stdout, 'data');
  await toolIn('prober', 'send', '127.0.0.1', '9003', 'with-rules');
  await host.run(nft, ['flush', 'chain', 'inet', await table(), 'early']);
  await toolIn('prober', 'send', '127.0.0.1', '9003', 'without-rules');
  t.is(String((await heard)[0]), 'without-rules from 10.32.1.80\n');
  await daemon.call('publish', []);
  t.regex(await host.run(nft, ['list', 'chain', 'inet', await table(), 'early']), /ip daddr 127\.0\.0\.0\/8 drop/);
  await daemon.call('detach', 'prober');
  await end(local);
});

test.serial('a task cannot send in the name of another, and only the rules inside keep it from that', async (t) => {
  await daemon.call('attach', labPlan('forger', { 1: '10.32.1.81' }));
  await inTask('forger', 'ip', 'address', 'add', '10.32.1.77/24', 'dev', 'eth0');
  const forge = (protocol: string) => toolIn('forger', 'ask', addresses.db, '7000', protocol, '1', '10.32.1.77');
  t.is(answer(await toolIn('forger', 'ask', addresses.db, '7000')), 'db 10.32.1.81');
  for (const outcome of await Promise.all([forge('tcp'), forge('udp')])) t.not(outcome.code, 0);
  await inTask('forger', nft, 'delete', 'table', 'netdev', 'tso');
  t.is(answer(await forge('tcp')), 'db 10.32.1.77');
  await daemon.call('detach', 'forger');
});

const webPorts = (serving = true, extra: readonly object[] = []) => [
  labPort('weba', 'web', addresses.weba, { published: 8080, target: 7000, serving }),
  labPort('webb', 'web', addresses.webb, { published: 8080, target: 7000, serving }),
  labPort('weba', 'web', addresses.weba, { published: 8053, target: 7000, protocol: 1, serving }),
  ...extra,
];

test.serial('a published port answers from localhost, from the own address, from outside with the client kept', async (t) => {
  await daemon.call('reserve', webPorts(false));
  await daemon.call('publish', webPorts());
  const seen = async (outcome: Promise<{ code: number; stdout: string; stderr: string }>) =>
    answer(await outcome)
      .split('\n')
      .map((line) => line.split(' '));
  const both = ['weba', 'webb'];
  const names = (lines: string[][]) => [...new Set(lines.map(([name]) => name))].toSorted();
  t.deepEqual(names(await seen(toolHere('ask', '127.0.0.1', '8080', 'tcp', '24'))), both);
  t.deepEqual(names(await seen(toolHere('ask', host.address, '8080', 'tcp', '24'))), both);
  const outside = await seen(toolOutside('ask', host.address, '8080', 'tcp', '24'));
  t.deepEqual(names(outside), both);
  t.deepEqual(new Set(outside.map(([, client]) => client)), new Set([host.clientAddress]));
});

test.serial('a published UDP port answers everywhere too', async (t) => {
  t.regex(answer(await toolHere('ask', '127.0.0.1', '8053', 'udp')), /^weba /);
  t.is(answer(await toolOutside('ask', host.address, '8053', 'udp')), `weba ${host.clientAddress}`);
  t.regex(answer(await toolIn('db', 'ask', host.address, '8053', 'udp')), /^weba /);
});

test.serial('a published port answers containers of the same host, those that serve it and those of other networks', async (t) => {
  for (const client of ['db', 'weba', 'lone']) {
    for (const address of [host.address, client === 'lone' ? '10.32.2.1' : '10.32.1.1']) {
      const outcome = await toolIn(client, 'ask', address, '8080', 'tcp', '6');
      t.regex(answer(outcome), /^(web[ab] [\d.]+\n){5}web[ab] [\d.]+$/, `${client} asks ${address}`);
    }
  }
});

test.serial('a task on an internal network can be published by name of the port', async (t) => {
  await daemon.call('publish', webPorts(true, [labPort('vault', 'vault', addresses.vault, { published: 8081, target: 7000 })]));
  t.regex(answer(await toolOutside('ask', host.address, '8081')), /^vault /);
  t.regex(answer(await toolHere('ask', '127.0.0.1', '8081')), /^vault /);
});

test.serial('a port with a host address answers at that address only', async (t) => {
  const local = labPort('db', 'db', addresses.db, { published: 8082, target: 7000, hostIp: '127.0.0.1' });
  await daemon.call('reserve', [local]);
  await daemon.call('publish', webPorts(true, [local]));
  t.regex(answer(await toolHere('ask', '127.0.0.1', '8082')), /^db /);
  t.regex(answer(await toolHere('ask', host.address, '8082')), /ECONNREFUSED/);
  t.regex(answer(await toolOutside('ask', host.address, '8082')), /ECONNREFUSED/);
});

test.serial('without a serving task a published port refuses, at once and on every address', async (t) => {
  await daemon.call('publish', webPorts(false));
  for (const address of ['127.0.0.1', host.address, '::1'])
    t.regex(answer(await toolHere('ask', address, '8080')), /ECONNREFUSED/, address);
  t.regex(answer(await toolOutside('ask', host.address, '8080')), /ECONNREFUSED/);
  t.regex(answer(await toolOutside('ask', host.address, '8053', 'udp')), /ECONNREFUSED/);
  t.regex(answer(await toolIn('db', 'ask', host.address, '8080')), /ECONNREFUSED/);
  await daemon.call('publish', webPorts());
});

test.serial('a taken port names who has it', async (t) => {
  const other = await onHost('hold', '0.0.0.0', '8090');
  const pids = await host.run('sh', ['-c', "pgrep -f 'hold 0.0.0.0 8090' | tr '\\n' ' '"]);
  const error = await t.throwsAsync(daemon.call('reserve', [labPort('db', 'db', addresses.db, { published: 8090, target: 1 })]), {
    instanceOf: CallFailure,
  });
  t.is(error.code, 'CONFLICT');
  const [, pid = ''] = /^port 8090\/tcp is taken on this host by node \(pid (\d+)\)/.exec(error.message) ?? [];
  t.true(pids.split(' ').includes(pid), `${error.message} / ${pids}`);
  const own = await t.throwsAsync(daemon.call('reserve', [labPort('db', 'db', addresses.db, { published: 8080, target: 1 })]), {
    instanceOf: CallFailure,
  });
  t.regex(own.message, /^port 8080\/tcp is taken on this host by service web/);
  await end(other);
});

test.serial('a held port cannot be taken by another program, and a released one can', async (t) => {
  const taken = await toolHere('hold', '0.0.0.0', '8080');
  t.regex(taken.stderr, /EADDRINUSE/);
  await daemon.call('publish', []);
  const free = await onHost('hold', '0.0.0.0', '8080');
  await end(free);
  await daemon.call('publish', webPorts());
});

test.serial('sysctls of the net tree are set inside, and a wrong one is told', async (t) => {
  await daemon.call('attach', labPlan('tuned', { 1: '10.32.1.50' }, { 'net.core.somaxconn': '777' }));
  t.is((await inTask('tuned', 'cat', '/proc/sys/net/core/somaxconn')).stdout.trim(), '777');
  t.is((await inTask('tuned', 'cat', '/proc/sys/net/ipv4/ip_unprivileged_port_start')).stdout.trim(), '0');
  await daemon.call('detach', 'tuned');
  const error = await t.throwsAsync(daemon.call('attach', labPlan('tuned', { 1: '10.32.1.50' }, { 'net.core.nosuch': '1' })), {
    instanceOf: CallFailure,
  });
  t.is(error.code, 'INVALID_ARGUMENT');
  t.regex(error.message, /net\.core\.nosuch/);
  t.not((await host.exec('ls', [`${host.runDir}/netns/tuned`])).code, 0);
});

test.serial('a task on two networks is reached by both and published on either', async (t) => {
  await daemon.call('attach', labPlan('both', { 1: '10.32.1.60', 2: '10.32.2.60' }));
  await serve('both', 7000);
  t.is(answer(await toolIn('db', 'ask', '10.32.1.60', '7000')), `both ${addresses.db}`);
  t.is(answer(await toolIn('lone', 'ask', '10.32.2.60', '7000')), `both ${addresses.lone}`);
  for (const address of ['10.32.1.60', '10.32.2.60']) {
    await daemon.call('publish', webPorts(true, [labPort('both', 'both', address, { published: 8084, target: 7000 })]));
    t.is(answer(await toolOutside('ask', host.address, '8084')), `both ${host.clientAddress}`, address);
  }
  await daemon.call('publish', webPorts());
});

test.serial('a task without networks has a loopback and nothing else', async (t) => {
  await daemon.call('attach', labPlan('hermit', {}));
  const links = JSON.parse((await inTask('hermit', 'ip', '-json', 'address')).stdout) as { ifname: string; flags: string[] }[];
  t.deepEqual(
    links.map((link) => link.ifname),
    ['lo'],
  );
  t.true(links[0]?.flags.includes('UP'));
  await daemon.call('detach', 'hermit');
});

test.serial('the same address can be attached again at once', async (t) => {
  for (let round = 0; round < 3; round++) {
    await daemon.call('attach', labPlan(`again${round}`, { 1: '10.32.1.70' }));
    await daemon.call('detach', `again${round}`);
  }
  t.pass();
});

test.serial('two daemons on one host do not disturb one another', async (t) => {
  const otherRun = join(host.folder, 'run2');
  const other = await NetworksDaemon.start(host, otherRun, resolvConf);
  await other.call('configure', { ...settings, clusterId: 'other', addressPool: '10.48.0.0/12' });
  // The same VNI: with one host each it does not matter.
  await other.call('setNetworks', [
    labNetwork(1, { subnet: '10.48.1.0/24', gateway: '10.48.1.1', endpoints: [labEndpoint('far', 'far', '10.48.1.3')] }),
  ]);
  const plan = { ...labPlan('far', { 1: '10.48.1.3' }) };
  await other.call('attach', plan);
  const inFar = (...args: string[]) => host.exec('nsenter', [`--net=${otherRun}/netns/far`, process.execPath, tool, ...args]);
  const far = await untilReady(host.spawn('nsenter', [`--net=${otherRun}/netns/far`, process.execPath, tool, 'serve', 'far', '7000']));
  const error = await t.throwsAsync(other.call('reserve', [labPort('far', 'far', '10.48.1.3', { published: 8080, target: 7000 })]), {
    instanceOf: CallFailure,
  });
  t.is(error.code, 'CONFLICT');
  await other.call('publish', [labPort('far', 'far', '10.48.1.3', { published: 8085, target: 7000 })]);
  t.is(answer(await toolOutside('ask', host.address, '8085')), `far ${host.clientAddress}`);
  t.regex(answer(await toolIn('weba', 'ask', host.address, '8085')), /^far /);
  t.regex(answer(await toolIn('weba', 'ask', '10.48.1.3', '7000')), /failed/);
  t.regex(answer(await inFar('ask', addresses.weba, '7000')), /failed/);
  t.regex(answer(await inFar('ask', host.address, '8080')), /^web[ab] /);
  await end(far);
  await other.call('publish', []);
  await other.call('detach', 'far');
  await other.call('setNetworks', []);
  await other.stop();
  t.regex(answer(await toolOutside('ask', host.address, '8080')), /^web[ab] /);
  t.deepEqual((await dns('db', 'db')).addresses, [addresses.db]);
});

test.serial('a crash and a restart keep connections, names, ports and namespaces', async (t) => {
  const chat = host.spawn('nsenter', [namespace('db'), process.execPath, tool, 'chat', addresses.weba, '7000']);
  const outside = host.spawn(process.execPath, [tool, 'chat', '127.0.0.1', '8080']);
  servers.push(chat, outside);
  const next = async (child: ChildProcess, line?: string): Promise<string> => {
    if (line !== undefined) child.stdin?.write(line);
    const [chunk] = child.stdout === null ? [] : await once(child.stdout, 'data');
    return String(chunk).trim();
  };
  t.is(await next(chat), `weba ${addresses.db}`);
  t.regex(await next(outside), /^web[ab] /);
  await daemon.kill();
  t.is(await next(chat, 'during\n'), `weba ${addresses.db}`);
  t.regex(answer(await toolOutside('ask', host.address, '8080')), /^web[ab] /);
  await restart();
  const path = await daemon.call('attach', plans[0]);
  t.is(path, `${host.runDir}/netns/weba`);
  t.true(daemon.lastMs < 5, `attaching again took ${daemon.lastMs} ms: nothing was to be made`);
  t.is(await next(chat, 'after\n'), `weba ${addresses.db}`);
  t.regex(await next(outside, 'after\n'), /^web[ab] /);
  t.deepEqual((await dns('db', 'db')).addresses, [addresses.db]);
  await Promise.all([chat, outside].map(end));
});

test.serial('what someone removed is made again', async (t) => {
  const devices = (JSON.parse(await host.run('ip', ['-json', 'link'])) as { ifname: string }[]).map((link) => link.ifname);
  const gone = devices.filter((name) => name.startsWith('tsox') || name.startsWith('tsog')).find((name) => name.startsWith('tsox'));
  await host.run('ip', ['link', 'delete', gone ?? '']);
  const before = await table();
  await host.run(nft, ['delete', 'table', 'inet', before]);
  await daemon.call('setNetworks', networks());
  t.is(answer(await toolIn('weba', 'ask', addresses.db, '7000')), `db ${addresses.weba}`);
  t.is(answer(await toolIn('db', 'ask', '10.32.1.60', '7000')), `both ${addresses.db}`);
  t.deepEqual((await dns('db', 'web')).addresses.toSorted(), [addresses.weba, addresses.webb]);
  t.is(await table(), before);
  t.regex(answer(await toolOutside('ask', host.address, '8080')), /^web[ab] /);
});

test.serial('port 53 taken on a gateway is told with its holder, and tried again', async (t) => {
  await host.run('sysctl', ['-q', '-w', 'net.ipv4.ip_nonlocal_bind=1']);
  const squatter = await onHost('resolver', '10.32.9.1', upstreamAddress);
  const wish = [...networks(), labNetwork(9)];
  const error = await t.throwsAsync(daemon.call('setNetworks', wish), { instanceOf: CallFailure });
  t.regex(error.message, /names cannot be answered on 10\.32\.9\.1: port 53\/udp is taken by node \(pid \d+\)/);
  const attached = await t.throwsAsync(daemon.call('attach', labPlan('late', { 9: '10.32.9.3' })), { instanceOf: CallFailure });
  t.is(attached.message, error.message);
  t.is(answer(await toolIn('weba', 'ask', addresses.db, '7000')), `db ${addresses.weba}`);
  await end(squatter);
  await daemon.call('attach', labPlan('late', { 9: '10.32.9.3' }));
  await daemon.call('detach', 'late');
  await daemon.call('setNetworks', networks());
});

test.serial('a network that would take addresses of the host is refused, the others stay', async (t) => {
  const wish = [...networks(), labNetwork(9, { subnet: '10.77.0.0/16', gateway: '10.77.9.1' })];
  const error = await t.throwsAsync(daemon.call('setNetworks', wish), { instanceOf: CallFailure });
  t.regex(error.message, /subnet 10\.77\.0\.0\/16 of network net9 overlaps 10\.77\.0\.1\/24, which the device eth0 of this host has/);
  t.is(answer(await toolIn('weba', 'ask', addresses.db, '7000')), `db ${addresses.weba}`);
  t.regex(answer(await toolOutside('ask', host.address, '8080')), /^web[ab] /);
  await daemon.call('setNetworks', networks());
});

test.serial("a task's own resolvers are asked for names that are not ours, also after a restart", async (t) => {
  const plan = labPlan('picky', { 1: '10.32.1.82' });
  await onHost('resolver', '127.0.0.54', '203.0.113.54');
  const text = await daemon.call('resolvConf', plan, { servers: ['127.0.0.54'], search: [], options: [] });
  t.is(text, 'nameserver 127.0.0.11\nsearch example.test\noptions ndots:0\n');
  await daemon.call('attach', plan);
  t.deepEqual((await dns('picky', 'www.example.com')).addresses, ['203.0.113.54']);
  t.deepEqual((await dns('picky', 'db')).addresses, [addresses.db]);
  await restart('picky');
  t.deepEqual((await dns('picky', 'www.example.com')).addresses, ['203.0.113.54']);
  t.deepEqual((await dns('weba', 'www.example.com')).addresses, [upstreamAddress]);
  await daemon.call('detach', 'picky');
});

test.serial('a network goes with its last task when it is no longer wished', async (t) => {
  await daemon.call('setNetworks', [...networks(), labNetwork(8)]);
  await daemon.call('attach', labPlan('last', { 8: '10.32.8.3' }));
  await daemon.call('setNetworks', networks());
  const links = () => host.run('ip', ['-brief', 'link']);
  t.regex(await links(), /tsox\w{6}360 /);
  await daemon.call('detach', 'last');
  t.notRegex(await links(), /tsox\w{6}360 /);
});

test.serial('endpoints on other hosts have their neighbour and forwarding entries', async (t) => {
  const remote = labEndpoint('remote', 'db', '10.32.1.200', { nodeId: 'node-b', vtep: '10.77.0.2' });
  await daemon.call('setEndpoints', 'network-1', [...(networks()[0]?.endpoints ?? []), remote]);
  const neighbours = await host.run('ip', ['neigh', 'show', 'nud', 'permanent']);
  t.regex(neighbours, new RegExp(`10.32.1.200 dev tsox\\w+ lladdr ${macOf('10.32.1.200')} PERMANENT`));
  t.regex(await host.run('bridge', ['fdb', 'show']), new RegExp(`${macOf('10.32.1.200')} dev tsox\\w+ dst 10.77.0.2 self permanent`));
  await daemon.call('setEndpoints', 'network-1', networks()[0]?.endpoints ?? []);
  t.is(await host.run('ip', ['neigh', 'show', 'nud', 'permanent']), '');
});

test.serial('attaching and detaching are quick', async (t) => {
  const attach: number[] = [];
  const detach: number[] = [];
  for (let round = 0; round < 15; round++) {
    await daemon.call('attach', labPlan(`quick${round}`, { 1: `10.32.1.${round + 100}` }));
    attach.push(daemon.lastMs);
  }
  for (let round = 0; round < 15; round++) {
    await daemon.call('detach', `quick${round}`);
    detach.push(daemon.lastMs);
  }
  const median = (list: number[]) => list.toSorted((a, b) => a - b)[Math.floor(list.length / 2)]?.toFixed(1);
  t.log(`attach ${median(attach)} ms, detach ${median(detach)} ms at the median of 15`);
  t.pass();
});

test.serial('in the end the host is as it was', async (t) => {
  await Promise.all(servers.map(end));
  await daemon.call('publish', []);
  for (const taskId of [...Object.keys(addresses), 'both']) await daemon.call('detach', taskId);
  await daemon.call('setNetworks', []);
  await daemon.stop();
  t.is(
    await eventually('nothing is left', async () => ((await inventory()) === beginning ? 'nothing' : undefined)).catch(inventory),
    'nothing',
  );
});
