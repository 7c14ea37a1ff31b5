import test from 'ava';
import { type ManagerSettings, settingsFlags } from './manager-flags.ts';
import { wordOf } from './manager-word.ts';

const settings: ManagerSettings = {
  nodeId: 'n',
  addressPool: '10.64.0.0/12',
  subnetPrefix: 24,
  firstVni: 4096,
  vxlanPort: 4789,
  identityDir: '/d/identity',
  listenAddr: '0.0.0.0:2478',
  advertiseAddr: '10.0.0.1:2478',
  join: 'm:1',
};

const valueAfter = (flags: readonly string[], name: string): string | undefined => {
  const at = flags.indexOf(name);
  return at < 0 ? undefined : flags[at + 1];
};

test('a manager is told where it listens, what it is known by, and whom to join', (t) => {
  const flags = settingsFlags(settings, undefined);
  t.is(valueAfter(flags, '--peer-listen'), '0.0.0.0:2478');
  t.is(valueAfter(flags, '--peer-address'), '10.0.0.1:2478');
  t.is(valueAfter(flags, '--join'), 'm:1');
  t.is(valueAfter(flags, '--identity-dir'), '/d/identity');
  t.is(valueAfter(flags, '--node-id'), 'n');
});

test('a manager without a door is told of none, and joins nobody', (t) => {
  const flags = settingsFlags({ ...settings, listenAddr: '', advertiseAddr: '' }, undefined);
  for (const name of ['--peer-listen', '--peer-address', '--join']) t.false(flags.includes(name));
});

test('a manager begins in one way', (t) => {
  const restored = settingsFlags(settings, { kind: 'restore', file: '/f' });
  t.is(valueAfter(restored, '--restore'), '/f');
  t.false(restored.includes('--join'));
  t.false(settingsFlags(settings, { kind: 'force-new-cluster' }).includes('--join'));
  const given = settingsFlags({ ...settings, join: undefined }, { kind: 'bootstrap-ca', certificate: '/c', key: '/k' });
  t.is(valueAfter(given, '--bootstrap-ca-cert'), '/c');
  t.is(valueAfter(given, '--bootstrap-ca-key'), '/k');
});

test('of what a manager says only what is known is heard', (t) => {
  t.deepEqual(wordOf({ type: 'ready', more: 1 }), { type: 'ready' });
  t.deepEqual(wordOf({ type: 'locked', why: 'its state is' }), { type: 'locked', why: 'its state is' });
  t.deepEqual(wordOf({ type: 'locked' }), { type: 'locked', why: 'it did not say what is shut' });
  t.deepEqual(wordOf({ type: 'removed' }), { type: 'removed' });
  t.deepEqual(wordOf({ type: 'failed', message: 'no' }), { type: 'failed', message: 'no' });
  t.deepEqual(wordOf({ type: 'failed', message: 7 }), { type: 'failed', message: 'it did not say why' });
  t.deepEqual(wordOf({ type: 'unlock-key', key: '' }), { type: 'unlock-key', key: '' });
  for (const other of [undefined, null, 'ready', 7, {}, { type: 'other' }, { type: 'unlock-key' }]) t.is(wordOf(other), undefined);
});
