import { access } from 'node:fs/promises';
import { type Task, TsoError } from '@tso/proto';
import type { IdShift } from '../image/types.ts';
import { type AgentPaths, sharedMemoryDir } from '../paths.ts';
import type { ContainerPlan, Containers } from '../runtime/types.ts';

/** Whether a mode means the namespace of another container. */
const isShared = (mode: string): boolean => /^(service|container):/.test(mode);

/** Whether others may share its IPC: then its /dev/shm has to be where they can have it too. */
export const lendsMemory = ({ spec }: Task): boolean => spec.container.ipcMode === 'shareable';

type Lent = Pick<ContainerPlan, 'pidNamespace' | 'ipcNamespace' | 'userNamespace' | 'sharedMemory'>;

type Lenders = Pick<Containers, 'observe' | 'files'>;

interface Loan {
  readonly what: 'processes' | 'IPC';
  readonly mode: string;
  readonly lenderId: string;
}

const loansOf = ({ spec: { container }, pidOf, ipcOf }: Task): readonly Loan[] =>
  [
    { what: 'processes' as const, mode: container.pidMode, lenderId: pidOf },
    { what: 'IPC' as const, mode: container.ipcMode, lenderId: ipcOf },
  ].filter(({ mode }) => isShared(mode));

/** The first process of a task's container, which holds its namespaces. FAILED_PRECONDITION: there is none. */
const firstProcessOf = async ({ what, mode, lenderId }: Loan, containers: Pick<Containers, 'observe'>): Promise<number> => {
  if (lenderId === '') throw new TsoError('FAILED_PRECONDITION', `it is to share ${what} (${mode}), and no task was found that has them`);
  const observed = await containers.observe(lenderId);
  if (observed.state === 'created' || observed.state === 'running') return observed.process.pid;
  throw new TsoError('FAILED_PRECONDITION', `it is to share ${what} (${mode}), and the container that has them is gone`);
};

/** FAILED_PRECONDITION: the lender keeps its /dev/shm to itself. */
const lentMemory = async ({ mode, lenderId }: Loan, paths: AgentPaths): Promise<string> => {
  const path = sharedMemoryDir(paths, lenderId);
  try {
    await access(path);
    return path;
  } catch (cause) {
    throw new TsoError('FAILED_PRECONDITION', `it is to share IPC (${mode}), and that container keeps its own to itself`, {
      hint: 'Say ipc: shareable for the service that lends it',
      cause,
    });
  }
};

/** FAILED_PRECONDITION: the namespaces belong to the host's user namespace, which nobody comes back to who is in another (setns(2)). */
const requireSameUsers = async ({ what, mode, lenderId }: Loan, shift: IdShift | undefined, containers: Lenders): Promise<void> => {
  const lender = await containers.files(lenderId);
  if (shift === undefined || lender === undefined || lender.shift !== undefined) return;
  const why = 'that container has the user ids of the host, which this one has not';
  throw new TsoError('FAILED_PRECONDITION', `it is to share ${what} (${mode}), and ${why}`, {
    hint: 'Say userns_mode: host for this service',
  });
};

/**
 * The namespaces that a task's container is to join. FAILED_PRECONDITION: who has them is not there, or does not have the task's user ids.
 * @param shift of the task's own ids; undefined: it has those of the host
 */
export const lentNamespaces = async (task: Task, paths: AgentPaths, shift: IdShift | undefined, containers: Lenders): Promise<Lent> => {
  let lent: Lent = {};
  for (const loan of loansOf(task)) {
    const pid = await firstProcessOf(loan, containers);
    await requireSameUsers(loan, shift, containers);
    const namespace = (kind: string): string => `/proc/${pid}/ns/${kind}`;
    // Only who is in the user namespace that owns the others may join them (setns(2)).
    lent = { ...lent, userNamespace: namespace('user') };
    lent =
      loan.what === 'processes'
        ? { ...lent, pidNamespace: namespace('pid') }
        : { ...lent, ipcNamespace: namespace('ipc'), sharedMemory: await lentMemory(loan, paths) };
  }
  return lendsMemory(task) ? { ...lent, sharedMemory: sharedMemoryDir(paths, task.id) } : lent;
};

/** FAILED_PRECONDITION: a container that lent its namespaces went meanwhile, so that its process id may mean another process. */
export const requireLenders = async (task: Task, containers: Pick<Containers, 'observe'>): Promise<void> => {
  for (const loan of loansOf(task)) await firstProcessOf(loan, containers);
};
