// Runs in the guest, as a unit of its systemd. Looks at what the kernel did and tells the host over the second serial port.
import { readFileSync } from 'node:fs';
import { release } from 'node:os';
import { checkCgroup } from './cgroup.ts';
import { checkContainers } from './containers.ts';
import { run, runTso, timed, tso } from './host.ts';
import { importBusybox } from './image.ts';
import { end, fact, part, startReport, step } from './report.ts';
import { checkTunnels } from './tunnels.ts';

/** A new host becomes a cluster of one, with an image. */
const firstSteps = async (): Promise<void> => {
  // Whatever else it finds on this small machine: it is asked about control groups.
  const { stdout } = await timed('guest', 'doctor', () => runTso(['doctor', '--format', 'json']));
  fact('guest', 'doctor', JSON.parse(stdout));
  await timed('guest', 'init', () => tso(['init']));
  await timed('guest', 'import', importBusybox);
};

startReport(Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0]) * 1_000);
await part('guest', async () => {
  step('look at the guest');
  fact('guest', 'kernel', release());
  fact('guest', 'first process', readFileSync('/proc/1/comm', 'utf8').trim());
  fact('guest', 'cgroup mounts', (await run('findmnt', ['-rn', '-o', 'TARGET,FSTYPE', '-t', 'cgroup,cgroup2'])).stdout.trim());
  fact('guest', 'controllers', readFileSync('/sys/fs/cgroup/cgroup.controllers', 'utf8').trim().split(' '));
});
if (readFileSync('/proc/cmdline', 'utf8').includes('tso.checks=tunnels')) await checkTunnels();
else {
  await checkContainers('crun', firstSteps, checkCgroup);
  await checkContainers('runc');
}
end();
