import test from 'ava';
import { specOf } from '../testing/memory-files.ts';
import { oneService, toldOf } from '../testing/spec-parts.ts';

const file = (volume: string): string => oneService('volumes: ["data:/data"]', `volumes: {data: ${volume}}\n`);
const told = (volume: string): string => toldOf(file(volume)).join('\n');

test('what the driver mounts is passed on, a folder beside the file by its absolute path', (t) => {
  const opts = (volume: string) => specOf(file(volume)).volumes[0]?.driverOpts;
  t.deepEqual(opts('{driver_opts: {type: nfs, o: "addr=10.0.0.5,rw", device: ":/data"}}'), {
    type: 'nfs',
    o: 'addr=10.0.0.5,rw',
    device: ':/data',
  });
  t.deepEqual(opts('{driver_opts: {type: none, o: bind, device: ./data}}'), { type: 'none', o: 'bind', device: '/project/data' });
  t.deepEqual(opts('{driver_opts: {type: tmpfs, o: "size=1m"}}'), { type: 'tmpfs', o: 'size=1m' });
  t.deepEqual(opts('{labels: [a=b]}'), {});
});

test('options that nothing can be mounted by are told at their line', (t) => {
  t.regex(told('{driver_opts: {device: ":/data", o: rw}}'), /E306 .*lack the type/);
  t.regex(told('{driver_opts: {type: nfs, o: "addr=1.2.3.4"}}'), /E306 .*lack the device/);
  t.regex(told('{driver_opts: {type: none, device: /x}}'), /E306 .*says nothing without bind/);
  t.regex(told('{driver_opts: {size: 10g}}'), /E401 the driver local has no option size/);
  t.regex(told('{driver: rexray}'), /E401 the volume driver rexray/);
});
