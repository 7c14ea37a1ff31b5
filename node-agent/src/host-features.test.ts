import test from 'ava';
import { hostFeatures, type KernelTexts } from './host-features.ts';

const modules = {
  alias: '# Aliases\nalias fs-nfs nfs\nalias fs-nfs4 nfsv4\nalias fs-ext4 ext4\nalias pci:v00008086d* e1000\n',
  dep: 'kernel/drivers/net/vxlan/vxlan.ko.xz: kernel/net/ipv4/udp_tunnel.ko.xz\nkernel/drivers/net/ipvlan/ipvtap.ko.xz:\n',
  builtin: 'kernel/drivers/net/macvlan.ko\nkernel/fs/ext2/ext2.ko\n',
};
const texts: KernelTexts = { fileSystems: 'nodev\tsysfs\nnodev\ttmpfs\n\text4\n', parts: ['tcp_cubic'], loadsModules: true, modules };

test('file systems are those that are there, and those that are loaded when asked for', (t) => {
  t.deepEqual(hostFeatures(texts).fileSystems, ['ext4', 'nfs', 'nfs4', 'sysfs', 'tmpfs']);
});

test('a kernel that loads nothing has what is there; of one whose modules cannot be read nobody knows', (t) => {
  const bare = { ...texts, modules: undefined };
  t.deepEqual(hostFeatures({ ...bare, loadsModules: false }).fileSystems, ['ext4', 'sysfs', 'tmpfs']);
  t.deepEqual(hostFeatures(bare).fileSystems, []);
});

test('networks of our own need both drivers, those of the host the one', (t) => {
  t.deepEqual(hostFeatures(texts).networkDrivers, ['bridge', 'host', 'macvlan', 'none', 'overlay']);
  const withoutVxlan = { ...texts, modules: { ...modules, dep: '' } };
  t.deepEqual(hostFeatures(withoutVxlan).networkDrivers, ['host', 'macvlan', 'none']);
  t.deepEqual(hostFeatures({ ...texts, modules: { ...modules, builtin: '' } }).networkDrivers, ['host', 'none']);
  t.deepEqual(hostFeatures({ ...withoutVxlan, parts: ['vxlan'] }).networkDrivers, ['bridge', 'host', 'macvlan', 'none', 'overlay']);
});

test('where drivers cannot be told of nothing is said', (t) => {
  t.deepEqual(hostFeatures({ ...texts, modules: undefined, parts: ['vxlan'] }).networkDrivers, []);
  t.deepEqual(hostFeatures({ ...texts, modules: undefined, parts: ['vxlan', 'macvlan'] }).networkDrivers, [
    'bridge',
    'host',
    'macvlan',
    'none',
    'overlay',
  ]);
});
