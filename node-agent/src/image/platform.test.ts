import { TsoError } from '@tso/proto';
import test from 'ava';
import { formatPlatform, normalisePlatform, parsePlatform, platformRank } from './platform.ts';

const rank = (offered: string, wanted: string): number | undefined => platformRank(parsePlatform(offered), parsePlatform(wanted));

test('platforms have one spelling', (t) => {
  const same = {
    'linux/x86_64': 'linux/amd64',
    'Linux/AMD64': 'linux/amd64',
    'linux/aarch64': 'linux/arm64',
    'linux/arm64/v8': 'linux/arm64',
    'linux/arm': 'linux/arm/v7',
    'linux/armhf': 'linux/arm/v7',
    'linux/armel': 'linux/arm/v6',
    'linux/i386': 'linux/386',
    'linux/arm/6': 'linux/arm/v6',
    'linux/amd64/v1': 'linux/amd64',
  };
  for (const [given, normal] of Object.entries(same)) t.is(formatPlatform(parsePlatform(given)), normal, given);
  t.deepEqual(normalisePlatform({ os: 'linux', architecture: 'x64', variant: '' }), { os: 'linux', architecture: 'amd64', variant: '' });
});

test('what is not os/arch[/variant] is refused', (t) => {
  for (const text of ['', 'linux', 'linux/', '/amd64', 'linux/arm/v7/x', 'linux/a b', 'linux//v7']) {
    t.is(t.throws(() => parsePlatform(text), { instanceOf: TsoError }).code, 'INVALID_ARGUMENT', text);
  }
});

test('an exact match is best, older variants still run, newer ones and other machines do not', (t) => {
  t.is(rank('linux/amd64', 'linux/amd64'), 0);
  t.is(rank('linux/arm/v7', 'linux/arm/v7'), 0);
  t.is(rank('linux/arm/v6', 'linux/arm/v7'), 1);
  t.is(rank('linux/arm/v5', 'linux/arm/v7'), 2);
  t.is(rank('linux/arm/v7', 'linux/arm/v6'), undefined);
  t.is(rank('linux/amd64', 'linux/amd64/v3'), 2);
  t.is(rank('linux/amd64/v3', 'linux/amd64'), undefined);
  t.is(rank('linux/arm64', 'linux/amd64'), undefined);
  t.is(rank('windows/amd64', 'linux/amd64'), undefined);
  t.is(rank('linux/arm64/v8', 'linux/arm64'), 0);
});
