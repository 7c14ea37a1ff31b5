import type { ApplyStackReply, FileContent, StackSpec } from '@tso/proto';
import type { Call } from './command-host.ts';
import { printWarning } from './failure.ts';
import type { ProgressMode } from './follow-stack.ts';
import { writeOut } from './io.ts';
import type { LoadedStack } from './load-stack.ts';
import { colorsFor, columnsOf } from './output/color.ts';
import { jsonDocument } from './output/json.ts';
import { allCreated } from './view-model/changes.ts';
import { type DiffReply, diffDocument, diffText, isDifferent } from './view-model/diff-text.ts';

/** What is applied: the wish, what its secrets and configs hold, and every service that the files name, be it applied now or not. */
export interface Wish {
  readonly spec: StackSpec;
  readonly files: readonly FileContent[];
  readonly declared: readonly string[];
}

export interface PreviewOptions {
  readonly dryRun?: boolean;
  readonly removeOrphans?: boolean;
  readonly build?: boolean;
  readonly progress?: ProgressMode;
}

/** The wish with what its services are to be built from, built when that is due; without such services nobody is asked. */
export const built = async (
  call: Call<PreviewOptions>,
  spec: StackSpec,
  builds: LoadedStack['builds'],
  onWarning: (warning: string) => void,
): Promise<StackSpec> => {
  // Of only some services one may run what is built for another that is not named now.
  if (builds.length === 0 && call.args.length === 0) return spec;
  const { io, options, context, json } = call;
  const { withControl } = await import('./control-client.ts');
  const { buildForUp } = await import('./build/build-for-up.ts');
  const { services } = await withControl(context, io.uid, (control) => control.getStack({ name: spec.name }));
  const known = services.flatMap(({ service }) => (service.removing ? [] : [service.spec]));
  return buildForUp(call, spec, builds, known, {
    isAsked: options.build === true,
    isDryRun: options.dryRun === true,
    quiet: json || options.progress === 'quiet',
    onWarning,
  });
};

/** A host without a cluster would start one; managers elsewhere have theirs. */
const isOfNone = async ({ context, engine }: Call<PreviewOptions>): Promise<boolean> =>
  context.remote === undefined &&
  (await engine.call<{ Swarm: { LocalNodeState: string } }>({ method: 'GET', path: '/info' })).Swarm.LocalNodeState !== 'active';

/** What the cluster would make of the wish; nothing is changed. */
const ask = async (call: Call<PreviewOptions>, { spec, files, declared }: Wish, builds: LoadedStack['builds']): Promise<DiffReply> => {
  const { io, options, args: services, context, json } = call;
  const onWarning = (warning: string): void => printWarning(io, warning);
  if (await isOfNone(call)) {
    const { buildForUp } = await import('./build/build-for-up.ts');
    await buildForUp(call, spec, builds, [], { isAsked: true, isDryRun: true, quiet: json, onWarning });
    return { changes: allCreated(spec) };
  }
  const { withControl } = await import('./control-client.ts');
  const withImages = await built(call, spec, builds, onWarning);
  const reply: ApplyStackReply = await withControl(context, io.uid, (control) =>
    control.applyStack({ spec: withImages, dryRun: true, removeOrphans: options.removeOrphans ?? false, services, files, declared }),
  );
  reply.warnings.forEach(onWarning);
  return reply;
};

/**
 * Prints what applying the wish would change, and what the cluster would do then; true when there is something. The document has no
 * room for warnings: they are told beside it.
 */
export const previewStack = async (call: Call<PreviewOptions>, wish: Wish, builds: LoadedStack['builds']): Promise<boolean> => {
  const { io, json } = call;
  const reply = await ask({ ...call, options: { ...call.options, dryRun: true } }, wish, builds);
  const text = json ? jsonDocument(diffDocument(reply)) : diffText(reply, columnsOf(io.stdout), colorsFor(io.stdout, io.env));
  await writeOut(io.stdout, text);
  return isDifferent(reply.changes);
};
