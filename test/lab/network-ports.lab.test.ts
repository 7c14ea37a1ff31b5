import test from 'ava';
import { addresses, answer, NetworkLab, webPorts } from './support/network-lab.ts';
import { CallFailure, labPort } from './support/networks-daemon.ts';

// What is published on the host, and who asks it from where.

const lab = await NetworkLab.create();
test.after.always(() => lab.destroy());

test.serial('a published port answers from localhost, from the own address, from outside with the client kept', async (t) => {
  await lab.call('reserve', webPorts(false));
  await lab.call('publish', webPorts());
  const seen = async (outcome: Promise<{ code: number; stdout: string; stderr: string }>) =>
    answer(await outcome)
      .split('\n')
      .map((line) => line.split(' '));
  const names = (lines: string[][]) => [...new Set(lines.map(([name]) => name))].toSorted();
  t.deepEqual(names(await seen(lab.toolHere('ask', '127.0.0.1', '8080', 'tcp', '4'))), ['weba']);
  t.deepEqual(names(await seen(lab.toolHere('ask', lab.host.address, '8080', 'tcp', '4'))), ['weba']);
  const outside = await seen(lab.toolOutside('ask', lab.host.address, '8080', 'tcp', '4'));
  t.deepEqual(names(outside), ['weba']);
  t.deepEqual(new Set(outside.map(([, client]) => client)), new Set([lab.host.clientAddress]));
  t.deepEqual(names(await seen(lab.toolOutside('ask', lab.host.address, '8088', 'tcp', '4'))), ['webb']);
});

test.serial('a published UDP port answers everywhere too', async (t) => {
  t.regex(answer(await lab.toolHere('ask', '127.0.0.1', '8053', 'udp')), /^weba /);
  t.is(answer(await lab.toolOutside('ask', lab.host.address, '8053', 'udp')), `weba ${lab.host.clientAddress}`);
  t.regex(answer(await lab.toolIn('db', 'ask', lab.host.address, '8053', 'udp')), /^weba /);
});

test.serial('a published port answers containers of the same host, those that serve it and those of other networks', async (t) => {
  for (const client of ['db', 'weba', 'lone']) {
    for (const address of [lab.host.address, client === 'lone' ? '10.32.2.1' : '10.32.1.1']) {
      const outcome = await lab.toolIn(client, 'ask', address, '8080', 'tcp', '6');
      t.regex(answer(outcome), /^(weba [\d.]+\n){5}weba [\d.]+$/, `${client} asks ${address}`);
    }
  }
});

test.serial('a task on an internal network can be published by name of the port', async (t) => {
  await lab.call('publish', webPorts(true, [labPort('vault', 'vault', addresses.vault, { published: 8081, target: 7000 })]));
  t.regex(answer(await lab.toolOutside('ask', lab.host.address, '8081')), /^vault /);
  t.regex(answer(await lab.toolHere('ask', '127.0.0.1', '8081')), /^vault /);
});

test.serial('a port with a host address answers at that address only', async (t) => {
  const local = labPort('db', 'db', addresses.db, { published: 8082, target: 7000, hostIp: '127.0.0.1' });
  await lab.call('reserve', [local]);
  await lab.call('publish', webPorts(true, [local]));
  t.regex(answer(await lab.toolHere('ask', '127.0.0.1', '8082')), /^db /);
  t.regex(answer(await lab.toolHere('ask', lab.host.address, '8082')), /ECONNREFUSED/);
  t.regex(answer(await lab.toolOutside('ask', lab.host.address, '8082')), /ECONNREFUSED/);
});

test.serial('without a serving task a published port refuses, at once and on every address', async (t) => {
  await lab.call('publish', webPorts(false));
  for (const address of ['127.0.0.1', lab.host.address, '::1'])
    t.regex(answer(await lab.toolHere('ask', address, '8080')), /ECONNREFUSED/, address);
  t.regex(answer(await lab.toolOutside('ask', lab.host.address, '8080')), /ECONNREFUSED/);
  t.regex(answer(await lab.toolOutside('ask', lab.host.address, '8053', 'udp')), /ECONNREFUSED/);
  t.regex(answer(await lab.toolIn('db', 'ask', lab.host.address, '8080')), /ECONNREFUSED/);
  await lab.call('publish', webPorts());
});

test.serial('a taken port names who has it', async (t) => {
  const other = await lab.onHost('hold', '0.0.0.0', '8090');
  const pids = await lab.host.run('sh', ['-c', "pgrep -f 'hold 0.0.0.0 8090' | tr '\\n' ' '"]);
  const error = await t.throwsAsync(lab.call('reserve', [labPort('db', 'db', addresses.db, { published: 8090, target: 1 })]), {
    instanceOf: CallFailure,
  });
  t.is(error.code, 'CONFLICT');
  const [, pid = ''] = /^port 8090\/tcp is taken on this host by node \(pid (\d+)\)/.exec(error.message) ?? [];
  t.true(pids.split(' ').includes(pid), `${error.message} / ${pids}`);
  const own = await t.throwsAsync(lab.call('reserve', [labPort('db', 'db', addresses.db, { published: 8080, target: 1 })]), {
    instanceOf: CallFailure,
  });
  t.regex(own.message, /^port 8080\/tcp is taken on this host by task weba of service web/);
  await lab.end(other);
});

test.serial('a held port cannot be taken by another program, and a released one can', async (t) => {
  const taken = await lab.toolHere('hold', '0.0.0.0', '8080');
  t.regex(taken.stderr, /EADDRINUSE/);
  await lab.call('publish', []);
  const free = await lab.onHost('hold', '0.0.0.0', '8080');
  await lab.end(free);
  await lab.call('publish', webPorts());
});
