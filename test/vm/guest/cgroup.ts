import { cgroupsV2 } from '../../../node-agent/src/runtime/cgroup-v2.ts';
import { cgroupFile, eventually, run, succeed, url } from './host.ts';
import { fact, part, step } from './report.ts';

/** The agent's own view of a cgroup, on the one of a running page server. */
const drive = async (id: string): Promise<void> => {
  step('freeze, thaw and read the cgroup of web');
  const cgroups = cgroupsV2('/sys/fs/cgroup');
  const path = `/tso/${id}`;
  const page = async (): Promise<number> => (await run('curl', ['-s', '--max-time', '1', url])).code;
  cgroups.freeze(path);
  await eventually('web is frozen', () => (cgroups.isFrozen(path) ? true : undefined));
  fact('cgroup', 'exit code of curl while frozen', await page());
  cgroups.thaw(path);
  fact('cgroup', 'exit code of curl after the thaw', await page());
  fact('cgroup', 'stats', cgroups.stats(path));
};

/** systemd switches controllers off that none of its units asks for: the limits must outlast it. */
const disturb = async (id: string): Promise<void> => {
  step('reload systemd, run a unit with weights');
  await succeed('systemctl', ['daemon-reload']);
  await succeed('systemd-run', ['--quiet', '--wait', '--collect', '-p', 'CPUWeight=50', '-p', 'IOWeight=50', 'true']);
  fact('cgroup', 'cpu.max after a reload of systemd', cgroupFile(id, 'cpu.max'));
};

/** What does not depend on the OCI runtime that made the cgroup. */
export const checkCgroup = (id: string): Promise<void> =>
  part('cgroup', async () => {
    await drive(id);
    await disturb(id);
  });
