import { FileKind, type Task } from '@tso/proto';
import type { IdShift } from '../../image/types.ts';
import type { ResolvedMount } from '../../runtime/types.ts';
import type { FileStore } from '../../secrets/file-store.ts';
import { type TaskFileContent, taskFileContents } from '../../secrets/task-files.ts';
import type { Step, StepContext } from '../step.ts';
import type { TemplateNode } from '../template.ts';
import { shiftOf } from './rootfs.ts';

export interface FilesStepOptions {
  readonly remap: IdShift | undefined;
  readonly node: TemplateNode;
}

/** A secret is no program; a config may be one, as its mode says. */
const flagsOf = (kind: FileKind): readonly string[] =>
  kind === FileKind.SECRET_FILE ? ['nosuid', 'nodev', 'noexec'] : ['nosuid', 'nodev'];

const mountOf = ({ mount }: TaskFileContent, source: string): ResolvedMount => ({
  kind: 'bind',
  source,
  target: mount.target,
  readOnly: true,
  propagation: 'rprivate',
  recursive: false,
  sizeBytes: 0,
  mode: 0,
  flags: flagsOf(mount.kind),
});

/** Its secrets and configs as files, in memory. */
export class FilesStep implements Step {
  readonly #options: FilesStepOptions;
  readonly #store: Pick<FileStore, 'version' | 'write' | 'remove'>;

  constructor(options: FilesStepOptions, ports: { readonly store: Pick<FileStore, 'version' | 'write' | 'remove'> }) {
    this.#options = options;
    this.#store = ports.store;
  }

  async do({ task, state, say }: StepContext): Promise<void> {
    if (task.spec.container.files.length === 0) {
      state.files = [];
      return;
    }
    say('putting its secrets and configs in place');
    const { remap, node } = this.#options;
    const contents = taskFileContents(task, node, (id) => this.#store.version(id));
    const base = shiftOf(task, remap)?.base ?? 0;
    const files = contents.map(({ data, mount: { uid, gid, mode } }) => ({ data, uid: base + uid, gid: base + gid, mode }));
    const paths = await this.#store.write(task.id, files);
    state.files = contents.map((content, index) => mountOf(content, paths[index] ?? ''));
  }

  async undo(task: Task): Promise<void> {
    await this.#store.remove(task.id);
  }
}
