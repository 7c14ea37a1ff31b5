// Images that services build: made on the host of the command, without a registry on every node whose tasks want them.
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ServiceMode } from '@tso/proto';
import test from 'ava';
import { ClusterLab } from './hosts/cluster-lab.ts';
import { eventually } from './support/eventually.ts';
import { cliEntry, type LabHost } from './support/lab-host.ts';

const cluster = await ClusterLab.start({ managers: 3, workers: 0 });
const [builder, elsewhere] = [(await cluster.followers())[0] ?? cluster.host('m1'), await cluster.leader()];
const project = join(builder.folder, 'project');
/** In memory, as secrets of builds want it. */
const memory = await mkdtemp('/dev/shm/tso-lab-builds-');
/** Layers and runs of builds, not among those of the host. */
const env = { TSO_BUILD_DIR: join(builder.folder, 'builds'), XDG_RUNTIME_DIR: memory, SPOKEN: 'never on a disk' };

const shell =
  'FROM scratch\nCOPY busybox /bin/busybox\nSHELL ["/bin/busybox", "sh", "-c"]\nRUN /bin/busybox --install -s /bin\nSHELL ["/bin/sh", "-c"]\n';
const write = (name: string, text: string): Promise<void> => writeFile(join(project, name), text);

test.before(async () => {
  await mkdir(project, { recursive: true });
  await copyFile('/bin/busybox', join(project, 'busybox'));
});
test.after.always(async () => {
  await cluster.destroy();
  for (const folder of [project, memory]) await rm(folder, { recursive: true, force: true });
});

/** Who takes images in that are built, and two that do not: on a busy machine another manager may lead than did at first. */
const places = async (): Promise<{ readonly taker: LabHost; readonly one: LabHost; readonly other: LabHost }> => {
  const [one = builder, other = builder] = await cluster.followers();
  return { taker: await cluster.leader(), one, other };
};

/** A command about the file of the project; entering a host leaves the folder. */
const tso = ([command = '', ...args]: readonly string[], host: LabHost = builder, own = env) =>
  host.tso([command, '-f', join(project, 'compose.yaml'), ...args], { env: own });
const ok = (...args: readonly string[]): Promise<string> => okOn(builder, ...args);
const okOn = async (host: LabHost, ...args: readonly string[]): Promise<string> => {
  const outcome = await tso(args, host);
  if (outcome.code !== 0) throw new Error(`tso ${args.join(' ')} ended with ${outcome.code}: ${outcome.stderr}`);
  return outcome.stderr + outcome.stdout;
};

const digestOf = async (stack: string, service: string): Promise<string> =>
  (await cluster.stack(stack)).services.find((it) => it.service.spec.name === service)?.service.spec.task.container.builtDigest ?? '';
const insideFrom = (host: LabHost, stack: string, service: string, ...command: readonly string[]) =>
  host.tsoOk(['exec', '-p', stack, service, ...command]);
const inside = (stack: string, service: string, ...command: readonly string[]) => insideFrom(builder, stack, service, ...command);
/** The id of the image that has the name on that host; undefined: none has. */
const imageOn = async (host: LabHost, name: string): Promise<string | undefined> => {
  const rows = JSON.parse(await host.tsoOk(['images', '--format', 'json'])) as readonly { id: string; names: readonly string[] }[];
  return rows.find(({ names }) => names.includes(name))?.id;
};

const web = `
name: shop
services:
  web:
    build: .
    stop_grace_period: 200ms
    deploy: { mode: global }
`;
/** The same, on one host. */
const only = (host: LabHost): string =>
  web.replace('mode: global', `placement: { constraints: ["node.hostname==${host.name}"] }, restart_policy: { delay: 0s }`);

test.serial('a built image runs on every node, the others having it from the one it went to', async (t) => {
  await write('Dockerfile', `${shell}RUN echo one > /greeting\nCMD ["sleep", "infinity"]\n`);
  await write('compose.yaml', web);
  const { taker } = await places();
  const said = await ok('up', '--progress', 'plain');
  t.regex(said, /web \| STEP/);
  t.regex(said, new RegExp(`Image shop-web of service web is on node ${taker.name}, [\\d.]+ \\w+ went there\\.`));
  await cluster.spread('shop', 'web', 3, { slots: false });
  const digest = await digestOf('shop', 'web');
  t.regex(digest, /^sha256:[0-9a-f]{64}$/);
  const ids = new Set<string | undefined>();
  for (const host of cluster.members) {
    ids.add(await imageOn(host, 'docker.io/library/shop-web:latest'));
  }
  t.is(ids.size, 1);
  t.false(ids.has(undefined));
  t.is(await inside('shop', 'web', 'cat', '/greeting'), 'one\n');
});

test.serial('up again keeps what runs, --build of the same sources too, and other sources roll the service', async (t) => {
  const before = await cluster.tasks('shop', 'web');
  t.false((await ok('up', '--progress', 'plain')).includes('STEP'));
  t.regex(await ok('up', '--build', '--progress', 'plain'), /Image shop-web of service web is unchanged, on node \w+\./);
  t.deepEqual(
    (await cluster.tasks('shop', 'web')).map(({ id }) => id),
    before.map(({ id }) => id),
  );
  await write('Dockerfile', `${shell}RUN echo two > /greeting\nCMD ["sleep", "infinity"]\n`);
  t.regex(await ok('up', '--dry-run', '--build'), /Image shop-web of service web would be built/);
  const said = await ok('up', '--build', '--progress', 'plain');
  // What is below is there already: a few hundred bytes, and not the shell of two megabytes.
  t.regex(said, /is on node \w+, (\d+ B|[\d.]+ kB) went there/);
  await cluster.spread('shop', 'web', 3, { slots: false });
  t.is(await inside('shop', 'web', 'cat', '/greeting'), 'two\n');
});

test.serial('another host applies the same file without building, since the cluster has the image', async (t) => {
  const outcome = await tso(['up', '--progress', 'plain'], elsewhere, { ...env, TSO_BUILD_DIR: '/nonexistent/builds' });
  t.is(outcome.code, 0, outcome.stderr);
  t.is(await inside('shop', 'web', 'cat', '/greeting'), 'two\n');
  await builder.tsoOk(['down', '-p', 'shop']);
});

test.serial('arguments, secrets, stages, inline files and images of other services are what the build gets', async (t) => {
  await write('token', 'not for layers\n');
  await write(
    'compose.yaml',
    `
name: parts
services:
  base:
    image: parts-base:3
    build:
      context: .
      dockerfile_inline: |
${shell.replace(/^/gm, '        ')}
        RUN echo base > /base
    command: ["sleep", "infinity"]
    stop_grace_period: 200ms
  app:
    build:
      context: .
      dockerfile_inline: |
        ARG FROM_WHERE
        FROM from-base AS first
        ARG COLOUR
        ARG LD_PRELOAD
        RUN --mount=type=secret,id=token --mount=type=secret,id=spoken cat /run/secrets/token /run/secrets/spoken | wc -c > /length; echo $$COLOUR $$LD_PRELOAD > /colour; cat /etc/hosts > /lines; ulimit -n > /files
        FROM first AS second
        RUN echo never > /never
      target: first
      args: { COLOUR: "blue green", LD_PRELOAD: /nonexistent.so }
      secrets: [token, spoken]
      labels: { made.by: lab }
      extra_hosts: ["far=192.0.2.9"]
      ulimits: { nofile: { soft: 900, hard: 1000 } }
      additional_contexts: { from-base: "service:base" }
      tags: ["parts-app:extra"]
    command: ["sleep", "infinity"]
    stop_grace_period: 200ms
secrets: { token: { file: ./token }, spoken: { environment: SPOKEN } }
`,
  );
  const said = await ok('up', '--progress', 'plain');
  t.true(said.indexOf('base | STEP') < said.indexOf('app | STEP'), said);
  // What loads buildah itself has not heard of it: it would say that there is no such file.
  t.false(said.includes('cannot be preloaded'), said);
  t.is(
    await inside('parts', 'app', 'sh', '-c', 'cat /base /length /colour /files; cat /run/secrets/token /never 2>&1 | grep -c No'),
    'base\n30\nblue green /nonexistent.so\n900\n2\n',
  );
  t.regex(await inside('parts', 'app', 'cat', '/lines'), /192\.0\.2\.9\s+far/);
  const view = await cluster.stack('parts');
  t.is(view.services.find((it) => it.service.spec.name === 'base')?.service.spec.task.container.image, 'parts-base:3');
  t.is(view.services[0]?.service.spec.mode, ServiceMode.REPLICATED);
  const extra = await Promise.all(cluster.members.map((host) => imageOn(host, 'docker.io/library/parts-app:extra')));
  t.true(extra.some((id) => id !== undefined));
  await builder.tsoOk(['down', '-p', 'parts']);
});

test.serial('a build that fails ends with what it said last, and leaves the cluster as it is', async (t) => {
  await write('Dockerfile', `${shell}RUN echo about to fail; exit 3\n`);
  await write('compose.yaml', web);
  const outcome = await tso(['up', '--progress', 'plain']);
  t.is(outcome.code, 1);
  t.regex(outcome.stderr, /web \| about to fail/);
  t.regex(outcome.stderr, /the build of service web failed with exit code \d+: .*exit 3/);
  t.false((await cluster.stack('shop')).exists);
  const json = JSON.parse((await tso(['build', '--format', 'json'])).stderr) as { readonly error: { readonly code: string } };
  t.is(json.error.code, 'FAILED_PRECONDITION');
});

test.serial('an interrupted build ends, with all that it runs', async (t) => {
  await write('Dockerfile', `${shell}RUN echo begun; sleep 3133\n`);
  const child = builder.spawn(process.execPath, [cliEntry, 'build', '-f', join(project, 'compose.yaml')], { env });
  let said = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  await eventually('the command runs', async () => said.includes('begun'));
  child.kill('SIGINT');
  t.is(await ended, 130, said);
  await eventually('nothing of it goes on', async () => (await builder.exec('pgrep', ['-f', 'sleep 3133'])).code === 1);
  t.deepEqual(await readdir(join(env.TSO_BUILD_DIR, 'work')).then((names) => names.filter((name) => name.startsWith('build-'))), []);
});

test.serial('tso build leaves the cluster alone when it is told to, and says what it made', async (t) => {
  await write('Dockerfile', `${shell}RUN echo three > /greeting\nCMD ["sleep", "infinity"]\n`);
  await write('compose.yaml', web);
  const before = await Promise.all(cluster.members.map((host) => imageOn(host, 'docker.io/library/shop-web:latest')));
  const outcome = await tso(['build', '--no-load', '-q']);
  t.regex(outcome.stdout, /^sha256:[0-9a-f]{64}\n$/, outcome.stderr);
  t.deepEqual(await Promise.all(cluster.members.map((host) => imageOn(host, 'docker.io/library/shop-web:latest'))), before);
  const [row] = JSON.parse((await tso(['build', '--format', 'json', '--node', builder.name])).stdout) as readonly { id: string }[];
  t.like(row, { service: 'web', image: 'shop-web', digest: outcome.stdout.trim(), node: builder.name, existed: false });
  t.is(await imageOn(builder, 'docker.io/library/shop-web:latest'), row?.id);
});

test.serial('a node whose copy of an image is damaged does not keep it from the others', async (t) => {
  const { taker, one, other } = await places();
  await write('Dockerfile', `${shell}RUN echo whole > /greeting\nCMD ["sleep", "infinity"]\n`);
  await write('compose.yaml', only(one));
  await ok('up', '--build', '--progress', 'plain');
  await cluster.spread('shop', 'web', 1, { slots: false });
  // Both have it, and the one with the smaller id is asked first: the other one has to give it.
  const ids = new Map(await Promise.all([one, taker].map(async (host) => [(await cluster.node(host)).node.id, host] as const)));
  const first = ids.get([...ids.keys()].sort()[0] ?? '') ?? one;
  const blob = (digest: string) => join(first.dataDir, 'images/blobs/sha256', digest.replace('sha256:', ''));
  const manifest = JSON.parse(await readFile(blob(await digestOf('shop', 'web')), 'utf8')) as {
    readonly layers: readonly { digest: string }[];
  };
  const layer = blob(manifest.layers.at(-1)?.digest ?? '');
  await writeFile(layer, Buffer.alloc((await stat(layer)).size, 'x'));
  await write('compose.yaml', only(other));
  await ok('up', '--progress', 'plain');
  const [running] = await cluster.running('shop', 'web');
  t.is(running?.host, other.name);
  t.is(await inside('shop', 'web', 'cat', '/greeting'), 'whole\n');
  t.regex(await readFile(join(other.folder, 'tsod.log'), 'utf8'), /is damaged: its content has the digest/);
  await builder.tsoOk(['down', '-p', 'shop']);
});

test.serial('when the manager that led and the node that took an image in are gone, another node that has it gives it', async (t) => {
  const { taker, one, other } = await places();
  await write('Dockerfile', `${shell}RUN echo four > /greeting\nCMD ["sleep", "infinity"]\n`);
  await write('compose.yaml', only(one));
  t.regex(await okOn(one, 'up', '--build', '--progress', 'plain'), new RegExp(`is on node ${taker.name}`));
  await taker.stopDaemon('SIGKILL');
  await cluster.without([taker], async () => {
    await cluster.leader();
    await write('compose.yaml', only(other));
    await okOn(one, 'up', '--progress', 'plain');
    await eventually('the third node alone has a container of it', async () => {
      const hosts = (await cluster.running('shop', 'web')).map(({ host }) => host);
      if (hosts.join() !== other.name) throw new Error(`it runs on ${hosts.join(', ')}`);
      return true;
    });
    t.is(await insideFrom(one, 'shop', 'web', 'cat', '/greeting'), 'four\n');
    t.is(await imageOn(other, 'docker.io/library/shop-web:latest'), await imageOn(one, 'docker.io/library/shop-web:latest'));
  });
  await cluster.startAgent(taker);
  await cluster.settled();
});
