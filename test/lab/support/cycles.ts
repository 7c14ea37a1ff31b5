import type { ClusterLab } from '../hosts/cluster-lab.ts';
import { eventually } from './eventually.ts';
import { differences, factsOf } from './host-facts.ts';
import type { LabHost } from './lab-host.ts';
import { server } from './rolling.ts';

/** A service on two networks with published ports and a volume, no task of it yet. */
const stack = `
services:
  web:
    image: busybox:1
    command: ["/bin/sh", "-c", ${JSON.stringify(server)}]
    ports: ["8080:80", "8081:80/udp", "8090-8099:90"]
    networks: [front, back]
    volumes: ["/scratch"]
    deploy: { replicas: 0 }
networks: { front: {}, back: { internal: true } }
`;

export interface Cycles {
  /** Tasks that were started and ended. */
  readonly tasks: number;
  /** Devices, rules, files … that a host has more or less of than before the first of them, by host; empty when all is as it was. */
  readonly differences: readonly string[];
}

const perCycle = 5;

/** Starts tasks and ends them again, until that many have come and gone, and looks at what that has left on every host. */
export const runCycles = async (cluster: ClusterLab, tasks: number, say: (line: string) => void): Promise<Cycles> => {
  const leader = await cluster.leader();
  await cluster.up('cycles', stack);
  const scale = (count: number): Promise<unknown> => leader.tsoOk(['scale', '-p', 'cycles', `web=${count}`]);
  // Once before the look: what is made with the first task of a host and stays, such as folders, is no leak.
  const round = async (): Promise<void> => {
    await scale(perCycle);
    await scale(0);
    await eventually('none of them is left', async () => (await cluster.seen()).length === 0);
  };
  await round();
  const before = new Map<LabHost, readonly string[]>();
  for (const host of cluster.members) before.set(host, await calmFacts(host));
  const beganAt = performance.now();
  let done = 0;
  for (; done < tasks; done += perCycle) {
    await round();
    if (done % 100 === 0 && done > 0) say(`${done} tasks, ${((performance.now() - beganAt) / done).toFixed(0)} ms each`);
  }
  say(`${done} tasks in ${((performance.now() - beganAt) / 1_000).toFixed(1)} s`);
  let last: readonly string[] = [];
  const look = async (): Promise<boolean> => {
    const all = await Promise.all(
      [...before].map(async ([host, facts]) => differences(facts, await factsOf(host)).map((line) => `${host.name} ${line}`)),
    );
    last = all.flat();
    return last.length === 0;
  };
  await eventually('every host is as it was', look).catch(() => undefined);
  await leader.tsoOk(['down', '-p', 'cycles', '-v']);
  return { tasks: done, differences: last };
};

/** Once they do not change any more: what ends may still be removed. */
const calmFacts = (host: LabHost): Promise<readonly string[]> => {
  let before: readonly string[] = [];
  let times = 0;
  return eventually(`nothing changes on ${host.name}`, async () => {
    const now = await factsOf(host);
    times = differences(before, now).length === 0 ? times + 1 : 0;
    before = now;
    return times >= 10 && now;
  });
};
