import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { eventually } from './support/eventually.ts';
import { manyAddresses, NamesLab, nameNetworks, webAddress } from './support/names-lab.ts';
import { addresses, answer, upstreamAddress } from './support/network-lab.ts';
import { labEndpoint, labPlan } from './support/networks-daemon.ts';

// What a container's own programs see: the C libraries of Debian and Alpine, Node, busybox, nginx.

const names = await NamesLab.create();
const { lab, programs } = names;
test.after.always(() => names.destroy());

const every = Object.entries(programs).filter((entry): entry is [string, readonly string[]] => entry[1] !== undefined);

test.serial('every library finds services, aliases, tasks and links, and what is not ours by the host', async (t) => {
  if (programs.musl === undefined) t.log('without the library of Alpine: Debian package musl-tools');
  for (const [title, program] of every) {
    t.deepEqual(await names.addresses(program, 'web'), [webAddress], title);
    t.deepEqual(await names.addresses(program, 'page'), [webAddress], title);
    t.deepEqual(await names.addresses(program, 'web.lab'), [webAddress], title);
    t.deepEqual(await names.addresses(program, 'Tasks.Web'), [addresses.weba, addresses.webb], title);
    t.deepEqual(await names.addresses(program, 'webb'), [addresses.webb], title);
    t.deepEqual(await names.addresses(program, 'database'), ['10.32.1.201'], title);
    t.deepEqual(await names.addresses(program, 'web.other'), ['10.32.1.210'], title);
    t.deepEqual(await names.addresses(program, 'www.example.com'), [upstreamAddress], title);
  }
  t.regex((await names.run('busybox', 'nslookup', 'web.')).stdout, new RegExp(`Address[ 1:]*${webAddress}`));
  t.regex((await names.run('getent', 'hosts', addresses.weba)).stdout, /weba/);
});

test.serial('of 200 tasks each library gets all that it is able to: without TCP what fits', async (t) => {
  for (const [title, program] of every) {
    const found = await names.addresses(program, 'many');
    t.true(
      found.every((address) => manyAddresses.includes(address)),
      title,
    );
    // musl before 1.2.4 has no TCP, and takes 48 addresses at most.
    t.true(found.length === 200 || (title === 'musl' && found.length >= 30), `${title}: ${found.length}`);
  }
});

test.serial('what a search list makes of a name of ours is not ours', async (t) => {
  t.deepEqual(await names.addresses(programs.glibc, 'web.example.test'), [upstreamAddress]);
  await names.configure({ search: ['corp.test'], options: ['ndots:1'] });
  for (const [title, program] of every.filter(([title]) => title !== 'nodeResolve'))
    t.deepEqual(await names.addresses(program, 'printer'), [upstreamAddress], title);
  await names.configure();
});

test.serial('a name without IPv6 is not waited for', async (t) => {
  // A library that got no answer would wait for longer than it is let run.
  await names.configure({ options: ['timeout:30', 'attempts:1'] });
  const patiently = ['timeout', '20', 'getent'];
  const six = await names.run(...patiently, 'ahostsv6', 'tasks.web');
  t.not(six.code, 124, 'it was waited for');
  t.false(six.stdout.includes('fd00'));
  t.is((await names.run(...patiently, 'ahosts', 'web')).code, 0);
  await names.configure();
});

test.serial(
  'a task that is gone is not answered from the moment on that its going is told, and its service keeps its address',
  async (t) => {
    const [network] = nameNetworks([labEndpoint('webb', 'web', addresses.webb)]);
    await lab.call('setMembers', network);
    t.deepEqual((await lab.dns('asker', 'tasks.web')).addresses, [addresses.webb]);
    t.is((await lab.dns('asker', 'weba')).rcode, 0, 'asked elsewhere');
    const [none] = nameNetworks([]);
    await lab.call('setMembers', none);
    t.deepEqual((await lab.dns('asker', 'web')).addresses, [webAddress]);
    t.deepEqual((await lab.dns('asker', 'tasks.web')).addresses, []);
    const [all] = nameNetworks();
    await lab.call('setMembers', all);
    t.deepEqual((await lab.dns('asker', 'tasks.web')).addresses.toSorted(), [addresses.weba, addresses.webb]);
  },
);

test.serial('a link is seen by who asked for it alone, after a crash of the agent too', async (t) => {
  t.deepEqual((await lab.dns('weba', 'database')).addresses, [upstreamAddress]);
  await lab.restart('asker');
  await lab.call('setNetworks', nameNetworks());
  t.deepEqual((await lab.dns('asker', 'database')).addresses, ['10.32.1.201']);
});

test.serial('on an internal network a named resolver of that network is asked, and nobody else', async (t) => {
  const plan = labPlan('inner', { 3: '10.32.3.20' });
  await lab.call('attach', plan);
  await lab.call('attach', labPlan('resolver', { 3: '10.32.3.53' }));
  const resolver = lab.host.spawn('nsenter', [
    `--net=${lab.host.runDir}/netns/resolver`,
    process.execPath,
    join(import.meta.dirname, 'support/net-tool.ts'),
    'resolver',
    '10.32.3.53',
    '203.0.113.99',
  ]);
  if (resolver.stdout !== null) await once(resolver.stdout, 'data');
  try {
    await lab.call('resolvConf', plan, { servers: ['127.0.0.53', '203.0.113.54'], search: [], options: [] });
    t.is((await lab.dns('inner', 'www.example.com')).rcode, 3);
    await lab.call('resolvConf', plan, { servers: ['10.32.3.53'], search: [], options: [] });
    t.deepEqual((await lab.dns('inner', 'www.example.com')).addresses, ['203.0.113.99']);
  } finally {
    await lab.end(resolver);
    await lab.call('detach', 'inner');
    await lab.call('detach', 'resolver');
  }
});

test.serial('host-gateway is an address by which the host is reached, but not from an internal network alone', async (t) => {
  const server = await lab.onHost('serve', 'host', '7100');
  try {
    t.deepEqual(await lab.call('hostGateways', names.plan), ['10.32.1.1']);
    t.is(answer(await lab.toolIn('asker', 'ask', '10.32.1.1', '7100')), 'host 10.32.1.100');
    t.deepEqual(await lab.call('hostGateways', labPlan('vault', { 3: addresses.vault })), []);
  } finally {
    await lab.end(server);
  }
});

const page = `require('http').createServer((q, a) => a.end(process.argv[1])).listen(8000, () => console.log('ready'))`;

const nginxConf = (folder: string): string => `daemon off; master_process off; user root; pid ${folder}/pid; error_log ${folder}/error.log;
events {}
http {
  access_log off;
  client_body_temp_path ${folder}; proxy_temp_path ${folder}; fastcgi_temp_path ${folder}; uwsgi_temp_path ${folder}; scgi_temp_path ${folder};
  resolver 127.0.0.11;
  server { listen 127.0.0.1:8081; location / { set $where tasks.web; proxy_connect_timeout 1s; proxy_pass http://$where:8000; } }
}
`;

test.serial('nginx with its resolver at 127.0.0.11 follows a service to another task within a moment', async (t) => {
  if (!existsSync('/usr/sbin/nginx')) {
    t.pass('without nginx: Debian package nginx-light');
    return;
  }
  const inTask = (taskId: string, ...args: readonly string[]) =>
    lab.host.spawn('nsenter', [`--net=${lab.host.runDir}/netns/${taskId}`, ...args]);
  const folder = join(lab.host.folder, 'nginx');
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'conf'), nginxConf(folder));
  const servers = ['weba', 'webb'].map((taskId) => inTask(taskId, process.execPath, '-e', page, taskId));
  await Promise.all(servers.map((server) => (server.stdout === null ? undefined : once(server.stdout, 'data'))));
  const nginx = inTask('asker', '/usr/sbin/nginx', '-p', folder, '-c', join(folder, 'conf'));
  const fetched = async (): Promise<string> =>
    (
      await lab.inTask(
        'asker',
        process.execPath,
        '-e',
        `fetch('http://127.0.0.1:8081/').then(r => r.text()).then(console.log, e => console.log(e.message))`,
      )
    ).stdout.trim();
  try {
    for (const taskId of ['weba', 'webb'] as const) {
      const [network] = nameNetworks([labEndpoint(taskId, 'web', addresses[taskId])]);
      await lab.call('setMembers', network);
      await eventually(`nginx asks ${taskId}`, async () => (await fetched()) === taskId);
    }
    t.pass();
  } finally {
    await lab.end(nginx, ...servers);
  }
});

/** Asks for `a.test` once, waits for the five seconds of a library, in turns as net-tool.ts has them, and prints the code of the answer. */
const askOnce = `const s = require('dgram').createSocket('udp4'); s.on('message', m => { console.log(m[3] & 15); s.close() });
let turns = 0; setInterval(() => { if (++turns > 50) { console.log('gave up'); process.exit() } }, 100).unref();
s.send(Buffer.from('000701000001000000000000016104746573740000010001', 'hex'), 53, '127.0.0.11')`;

test.serial('a resolver of the host that says nothing is a failure, within the time that a library waits', async (t) => {
  await names.configure({ servers: ['203.0.113.200'] });
  await lab.host.run('ip', ['address', 'add', '203.0.113.200/32', 'dev', 'lo']);
  const silent = await lab.onHost('hear', '203.0.113.200', '53');
  try {
    const outcome = await lab.inTask('asker', process.execPath, '-e', askOnce);
    t.is(outcome.stdout.trim(), '2');
  } finally {
    await lab.end(silent);
    await names.configure();
  }
});
