import test from 'ava';
import { CollectedLog } from '../testing/collected-log.ts';
import type { Choice } from './addresses.ts';
import { addressesForInit, addressesForJoin } from './node-addresses.ts';
import { OwnAddress } from './own-address.ts';

const unsaid = { listenAddr: '', advertiseAddr: '' };

const host = (choice: Choice, towards: string | undefined = undefined) => ({
  own: { choose: async () => choice, towards: async () => towards },
  logger: new CollectedLog(),
});
const chosen = host({ kind: 'chosen', address: '10.0.0.1' });

test('a door that nobody asked for is not opened', async (t) => {
  t.deepEqual(await addressesForInit(unsaid, chosen), unsaid);
});

test('what was not said is found: the address of the door itself, or the one this host is known by', async (t) => {
  const cases = [
    [{ listenAddr: '0.0.0.0:2478', advertiseAddr: '' }, '0.0.0.0:2478', '10.0.0.1:2478'],
    [{ listenAddr: '10.9.0.1:99', advertiseAddr: '' }, '10.9.0.1:99', '10.9.0.1:99'],
    [{ listenAddr: '', advertiseAddr: '10.8.0.1' }, '0.0.0.0:2478', '10.8.0.1:2478'],
    [{ listenAddr: '0.0.0.0:7', advertiseAddr: '10.8.0.1:8' }, '0.0.0.0:7', '10.8.0.1:8'],
  ] as const;
  for (const [said, listenAddr, advertiseAddr] of cases) {
    t.deepEqual(await addressesForInit(said, chosen), { listenAddr, advertiseAddr });
    t.deepEqual(await addressesForJoin(said, 'm:1', host({ kind: 'none' }, '10.0.0.1')), { listenAddr, advertiseAddr });
  }
});

test('among several addresses the operator chooses; without any, the cluster is one of this host alone and says so', async (t) => {
  const said = { listenAddr: '0.0.0.0:2478', advertiseAddr: '' };
  const addresses = [
    { address: '10.0.0.1', device: 'eth0' },
    { address: '10.1.0.1', device: 'eth1' },
  ];
  await t.throwsAsync(addressesForInit(said, host({ kind: 'ambiguous', addresses })), {
    message: /10\.0\.0\.1 on eth0, 10\.1\.0\.1 on eth1/,
  });
  const alone = host({ kind: 'none' });
  t.is((await addressesForInit(said, alone)).advertiseAddr, '127.0.0.1:2478');
  t.regex(alone.logger.at('warn').join(), /no address but loopback/);
});

test('who joins over a way that is not there is told', async (t) => {
  await t.throwsAsync(addressesForJoin(unsaid, 'm:1', host({ kind: 'none' })), { message: /no IPv4 route to m/ });
});

test('the kernel is asked by which address this host is seen', async (t) => {
  const asked: string[] = [];
  const answers: Readonly<Record<string, string>> = {
    'route get 10.0.0.9': '[{"dst":"10.0.0.9","dev":"eth0","prefsrc":"10.0.0.1"}]',
    '-4 address show': '[{"ifname":"eth1","addr_info":[{"family":"inet","local":"10.1.0.1","scope":"global"}]}]',
  };
  const own = new OwnAddress({
    ip: async (args) => {
      asked.push(args.join(' '));
      const answer = answers[args.join(' ')];
      if (answer === undefined) throw new Error('Network is unreachable');
      return answer;
    },
    logger: new CollectedLog(),
  });
  t.is(await own.towards('10.0.0.9'), '10.0.0.1');
  t.is(await own.towards('10.0.1.9'), undefined);
  t.deepEqual(await own.choose(), { kind: 'chosen', address: '10.1.0.1' });
  await t.throwsAsync(own.towards('no..host'), { code: 'NOT_FOUND', message: /no\.\.host has no IPv4 address/ });
  t.deepEqual(asked, ['route get 10.0.0.9', 'route get 10.0.1.9', 'route get 192.0.2.1', '-4 address show']);
});
