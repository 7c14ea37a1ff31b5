import { TsoError } from '@tso/proto';
import test from 'ava';
import fc from 'fast-check';
import { credentialOptions, credentialsFileOf, driverMountOf, fstabLine, isNetworkMount, kernelOptions, serverOf } from './driver-mount.ts';

const of = (driverOpts: Readonly<Record<string, string>>) => driverMountOf({ name: 'shop_data', driverOpts });
const made = (driverOpts: Readonly<Record<string, string>>) => {
  const mount = of(driverOpts);
  if (mount === undefined) throw new Error('nothing is mounted');
  return mount;
};

test('without driver_opts a volume is a folder of the node', (t) => {
  t.is(of({}), undefined);
});

test('the kernel is given the address of the server, whichever way it is named', (t) => {
  const nfs = made({ type: 'nfs', o: 'addr=files.example,rw,nfsvers=4', device: ':/exports/data' });
  t.is(serverOf(nfs), 'files.example');
  t.deepEqual(kernelOptions(nfs, '192.0.2.7', []), ['rw', 'nfsvers=4', 'addr=192.0.2.7']);
  t.is(serverOf(made({ type: 'nfs4', device: 'files.example:/data' })), 'files.example');
  t.is(serverOf(made({ type: 'nfs', device: '[2001:db8::1]:/data' })), '2001:db8::1');
  t.is(serverOf(made({ type: 'nfs', device: ':/data' })), undefined);
  t.is(serverOf(made({ type: 'cifs', device: '//nas/share', o: 'username=a' })), 'nas');
  t.is(serverOf(made({ type: 'cifs', device: '//nas/share', o: 'addr=nas.example,username=a' })), 'nas.example');
  t.is(serverOf(made({ type: 'tmpfs', o: 'size=1m' })), undefined);
});

test('who and with what password is told the kernel of CIFS by the names that it knows, from a file of the node too', (t) => {
  const cifs = made({ type: 'cifs', device: '//nas/share', o: 'user=bob,pass=x,vers=3.0' });
  t.deepEqual(kernelOptions(cifs, '192.0.2.7', []), ['username=bob', 'password=x', 'vers=3.0', 'ip=192.0.2.7']);
  const filed = made({ type: 'cifs', device: '//nas/share', o: 'credentials=/root/nas,vers=3.0' });
  t.is(credentialsFileOf(filed), '/root/nas');
  const credentials = credentialOptions('username=bob\r\npassword=a,b=c\n# note\ndomain=WORK\n');
  t.deepEqual(credentials, ['username=bob', 'password=a,,b=c', 'domain=WORK']);
  t.deepEqual(credentialOptions('constructor=x\ntoString\n'), [], 'nothing but those names');
  t.deepEqual(kernelOptions(filed, '192.0.2.7', credentials), ['vers=3.0', ...credentials, 'ip=192.0.2.7']);
});

test('a folder of the node is bound, and a tmpfs needs no device', (t) => {
  t.deepEqual(made({ type: 'none', o: 'bind', device: '/srv/data' }), { type: 'none', device: '/srv/data', options: ['bind'] });
  t.deepEqual(made({ o: 'bind,ro,_netdev,defaults', device: '/srv' }), { type: 'none', device: '/srv', options: ['bind', 'ro'] });
  t.deepEqual(made({ type: 'tmpfs', o: 'size=1m,uid=1000' }), { type: 'tmpfs', device: 'tmpfs', options: ['size=1m', 'uid=1000'] });
  t.false(isNetworkMount(made({ type: 'ext4', device: '/dev/vdb' })));
  t.true(isNetworkMount(made({ type: 'nfs', device: 'a:/b' })));
});

test('what makes no sense is refused by name, and no value is repeated', (t) => {
  const cases: readonly (readonly [Readonly<Record<string, string>>, RegExp])[] = [
    [{ type: 'nfs' }, /device is missing/],
    [{ device: '/a' }, /type is missing/],
    [{ type: 'none', device: '/a' }, /needs o: bind/],
    [{ o: 'bind', device: 'a' }, /absolute path/],
    [{ type: 'a b', device: '/a' }, /not the name of a file system/],
    [{ type: 'nfs', device: 'a:/b', size: '10g' }, /size is not supported/],
    [{ mountpoint: '/secret' }, /mountpoint is not known/],
    [{ type: 'nfs', device: 'a:/b\n/etc /x none bind' }, /device has a line break/],
    [{ type: 'cifs', device: '//a/b', o: 'password=secret,helper=evil' }, /the mount option helper is not for volumes/],
    [{ type: 'ext4', device: '/dev/vdb', o: 'X-mount.mkdir' }, /X-mount\.mkdir is not for volumes/],
  ];
  for (const [driverOpts, message] of cases) {
    const error = t.throws(() => of(driverOpts), { instanceOf: TsoError, code: 'INVALID_ARGUMENT', message }, JSON.stringify(driverOpts));
    t.notRegex(`${error?.message}${error?.hint}`, /secret/);
  }
});

/** fstab(5): fields between blanks, blanks in them by number. */
const fieldsOf = (line: string): readonly string[] =>
  line
    .trimEnd()
    .split(' ')
    .map((field) => field.replaceAll(/\\(\d{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8))));

test('whatever stands in options, device and folder, the line has the six fields and they are read back', (t) => {
  const text = fc.string({ minLength: 1, maxLength: 30 }).filter((it) => !/[\n\0\r\v\f,\u0085\u2028\u2029]/.test(it));
  fc.assert(
    fc.property(text, text, fc.array(text, { minLength: 1, maxLength: 4 }), (device, folder, options) => {
      const line = fstabLine({ type: 'cifs', device, options }, options, folder);
      return (
        JSON.stringify(fieldsOf(line)) === JSON.stringify([device, folder, 'cifs', options.join(','), '0', '0']) &&
        line.split('\n').length === 2
      );
    }),
  );
  t.is(fstabLine({ type: 'nfs', device: 'a:/my data', options: [] }, [], '/v'), 'a:/my\\040data /v nfs defaults 0 0\n');
});
