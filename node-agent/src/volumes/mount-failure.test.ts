import { TsoError } from '@tso/proto';
import test from 'ava';
import { mountFailure, unansweredFailure } from './mount-failure.ts';

const nfs = { type: 'nfs4', device: 'a:/b', options: [] };
const data = '/var/lib/tso/volumes/shop_data/_data';
const failed = (stderr: string) => new TsoError('INTERNAL', `it failed: ${stderr}`, { details: { stderr } });
const late = new TsoError('DEADLINE_EXCEEDED', 'it did not end within 60 s');

test("the kernel's word gets a hint that says what to do", (t) => {
  const hintOf = (said: string): string => mountFailure('shop_data', nfs, failed(said)).hint ?? '';
  t.regex(hintOf("unknown filesystem type 'nfs4'."), /modprobe nfs\)/);
  t.regex(hintOf('mount(2) system call failed: Connection refused.'), /file server up/);
  t.regex(hintOf('permission denied.'), /export it/);
  t.regex(hintOf('wrong fs type, bad option, bad superblock'), /none of nfs4/);
  t.is(hintOf('something else'), '');
});

test('a mount that fails is told in the words of the kernel, without folders of the node', (t) => {
  const error = mountFailure('shop_data', nfs, failed(`mount: ${data}: access denied.\n       dmesg(1) may have more.\n`));
  t.is(error.message, 'the volume shop_data (nfs4) could not be mounted: access denied');
  t.is(error.code, 'FAILED_PRECONDITION');
  t.is(mountFailure('shop_data', nfs, new Error('no room')).message, 'the volume shop_data (nfs4) could not be mounted: no room');
  t.is(mountFailure('shop_data', nfs, late).code, 'UNAVAILABLE');
});

test('a server that is silent is told from one that answers with an error', (t) => {
  const silent = unansweredFailure('shop_data', late);
  t.is(silent.message, 'the volume shop_data is mounted, but its file server does not answer within 10 s');
  const said = unansweredFailure('shop_data', failed(`stat: cannot statx '${data}': Stale file handle\n`));
  t.is(said.message, 'the volume shop_data is mounted, but its file server says: Stale file handle');
  for (const { code, hint } of [silent, said]) {
    t.is(code, 'UNAVAILABLE');
    t.truthy(hint);
  }
});
