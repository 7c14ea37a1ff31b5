import type { LabHost } from '../support/lab-host.ts';

/** A container that runs, as the kernel shows it, whatever any manager or agent says. */
export interface Seen {
  readonly host: string;
  readonly taskId: string;
  /** Of its main process. */
  readonly pid: number;
}

/** Every container of these hosts that runs, by host and task. */
export const seenOn = async (hosts: readonly LabHost[]): Promise<readonly Seen[]> =>
  (
    await Promise.all(
      hosts.map(async (host) => [...(await host.mainPids())].map(([taskId, pid]) => ({ host: host.name, taskId, pid }) satisfies Seen)),
    )
  )
    .flat()
    .sort((a, b) => (`${a.host} ${a.taskId}` < `${b.host} ${b.taskId}` ? -1 : 1));
