import type { ImageBuild } from '@tso/compose';
import type { ImageLoaded } from '@tso/proto';
import type { Call } from '../command-host.ts';
import { sizeText } from '../output/table.ts';
import { lostInstruction, type PlannedBuild, planBuilds, platformOf } from '../view-model/build-plan.ts';
import { fullImageName } from '../view-model/image-name.ts';
import { oneLine } from '../view-model/task-text.ts';
import { whileWanted } from '../while-wanted.ts';
import { type BuildHost, prepareBuildHost } from './build-host.ts';
import { type BuildWish, type BuiltImage, buildImage } from './build-image.ts';
import { sendImage } from './send-image.ts';

/** What became of one service's image. */
export interface BuiltService {
  readonly service: string;
  readonly image: string;
  /** Of its manifest. */
  readonly digest: string;
  /** Where it went in the cluster; undefined: it was not to go there. */
  readonly loaded: ImageLoaded | undefined;
}

export interface BuildStackOptions extends BuildWish {
  readonly builds: readonly ImageBuild[];
  /** Services whose image is wanted. */
  readonly wanted: ReadonlySet<string>;
  /** Brought into the cluster, to this node; empty: one that the cluster chooses. Undefined: not at all. */
  readonly node: string | undefined;
  /** Without what buildah says. */
  readonly quiet: boolean;
  readonly onWarning: (warning: string) => void;
}

interface Work {
  readonly call: Pick<Call<unknown>, 'io' | 'context'>;
  readonly options: BuildStackOptions;
  readonly host: BuildHost;
  readonly signal: AbortSignal;
  readonly say: (text: string) => void;
}

const insteadOf: Readonly<Record<string, string>> = {
  HEALTHCHECK: 'write healthcheck: in the compose file',
  ONBUILD: 'write it in the Dockerfiles that begin with this image',
};

const warnOfPlatforms = ({ build }: PlannedBuild, { host, options }: Work): void => {
  const chosen = platformOf(build, host.platform);
  const others = build.platforms.filter((platform) => platform !== chosen);
  if (others.length > 0)
    options.onWarning(`the image of service ${build.service} is built for ${chosen}; nodes of ${others.join(', ')} cannot run it`);
};

const bringIn = async (
  { build }: PlannedBuild,
  image: BuiltImage,
  { call, options, signal, say }: Work,
): Promise<ImageLoaded | undefined> => {
  const { node } = options;
  if (node === undefined) return undefined;
  const names = [...new Set([build.image, ...build.tags].map(fullImageName))];
  let sentBytes = 0;
  const onSize = (bytes: number): void => {
    sentBytes = bytes;
  };
  const { withControl } = await import('../control-client.ts');
  const loaded = await withControl(call.context, call.io.uid, (control) => sendImage(control, image, { names, node, signal, onSize }));
  say(
    loaded.existed
      ? `Image ${build.image} of service ${build.service} is unchanged, on node ${loaded.node}.`
      : `Image ${build.image} of service ${build.service} is on node ${loaded.node}, ${sizeText(sentBytes)} went there.`,
  );
  return loaded;
};

const buildOne = (planned: PlannedBuild, work: Work): Promise<BuiltService> => {
  const { call, options, host, signal, say } = work;
  const { build, isWanted } = planned;
  warnOfPlatforms(planned, work);
  const imageOf = (service: string): string => options.builds.find((one) => one.service === service)?.image ?? service;
  const onLine = (service: string, line: string): void => {
    say(`${service} | ${oneLine(line)}`);
    const lost = lostInstruction(line);
    if (lost !== undefined)
      options.onWarning(`the image of service ${service} does not keep its ${lost}: ${insteadOf[lost] ?? 'leave it out'}`);
  };
  return buildImage(build, options, { host, io: call.io, signal, imageOf, onLine }, async (image) => ({
    service: build.service,
    image: build.image,
    digest: image.digest,
    loaded: isWanted ? await bringIn(planned, image, work) : undefined,
  }));
};

/**
 * Builds the images of the wanted services on this host, one after the other, those first that others take in, and brings them into the
 * cluster. What buildah says goes to stderr. CANCELLED: a signal; errors as `prepareBuildHost`, `planBuilds`, `buildImage`, `sendImage`.
 */
export const buildStack = async (call: Work['call'], options: BuildStackOptions): Promise<readonly BuiltService[]> => {
  const { io } = call;
  const plan = planBuilds(options.builds, options.wanted);
  if (plan.length === 0) return [];
  const host = await prepareBuildHost(io);
  const say = (text: string): void => void (options.quiet || io.stderr.write(`${text}\n`));
  return whileWanted(io, async (signal) => {
    const built: BuiltService[] = [];
    for (const planned of plan) {
      const one = await buildOne(planned, { call, options, host, signal, say });
      if (planned.isWanted) built.push(one);
    }
    return built;
  });
};
