import test from 'ava';
import { importBusybox } from './busybox-image.ts';
import { eventually } from './eventually.ts';
import { LabHost, type TaskRow } from './lab-host.ts';

/** A host for all tests of a file, and what most of them do there. */
export interface OneHost {
  readonly host: LabHost;
  /** What a program prints that runs in a container of a service and must succeed. */
  inside(stack: string, service: string, ...command: readonly string[]): Promise<string>;
  /** The task of a stack that has come to that state, once there is one. */
  task(stack: string, state: string): Promise<TaskRow>;
  /** What a stack has logged, once it is so many lines: whoever runs has not spoken yet. */
  logged(stack: string, count: number): Promise<readonly string[]>;
}

/** A host with an agent, a cluster of its own and the image busybox:1, and what `prepare` makes there. It goes with the tests of the file. */
export const oneHost = async (prepare: (host: LabHost) => Promise<void> = async () => undefined): Promise<OneHost> => {
  const host = await LabHost.create();
  test.before(async () => {
    await host.startDaemon();
    await host.tsoOk(['init']);
    await importBusybox(host);
    await prepare(host);
  });
  test.after.always(() => host.destroy());
  return {
    host,
    inside: (stack, service, ...command) => host.tsoOk(['exec', '-p', stack, service, ...command]),
    task: (stack, state) =>
      eventually(`a task of ${stack} is ${state}`, async () => (await host.ps('-p', stack, '-a')).find((task) => task.state === state)),
    logged: (stack, count) =>
      eventually(`${stack} has logged ${count} lines`, async () => {
        const lines = (await host.tsoOk(['logs', '-p', stack, '--no-prefix'])).split('\n').slice(0, -1);
        if (lines.length < count) throw new Error(lines.join('; '));
        return lines;
      }),
  };
};
