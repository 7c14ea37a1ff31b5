import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { sentenceOf, TsoError } from '@tso/proto';
import type { Call } from '../command-host.ts';
import { type Context, localContext, socketIn } from '../context.ts';
import { type ContextBundle, parseHosts, readBundle } from '../context-bundle.ts';
import { chooseContext, createContext, listContexts, readContext, removeContext } from '../contexts.ts';
import { exitCodes, UsageError } from '../exit-codes.ts';
import { isoInstant, jsonDocument } from '../output/json.ts';
import { renderTable } from '../output/table.ts';
import { durationText } from '../view-model/task-text.ts';

export interface CreateOptions {
  readonly from?: string;
  readonly host?: string;
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly use?: boolean;
}

const pemOf = async (cwd: string, what: string, file: string | undefined): Promise<string> => {
  if (file === undefined) throw new UsageError(`--${what} is missing`, 'Give --from FILE, or all of --host, --ca, --cert and --key.');
  try {
    return await readFile(resolve(cwd, file), 'utf8');
  } catch (error) {
    throw new TsoError('NOT_FOUND', `cannot read ${file}: ${sentenceOf(error)}`, { cause: error });
  }
};

const bundleOf = async ({ io, options }: Call<CreateOptions>, name: string): Promise<ContextBundle> => {
  const { from, host, ca, cert, key } = options;
  const hosts = host === undefined ? undefined : parseHosts(host);
  if (from !== undefined) {
    if (ca !== undefined || cert !== undefined || key !== undefined)
      throw new UsageError('--from has the certificates already', 'Leave out --ca, --cert and --key.');
    const bundle = await readBundle(resolve(io.cwd, from));
    return hosts === undefined ? bundle : { ...bundle, hosts };
  }
  if (hosts === undefined) throw new UsageError('--host is missing', 'Give --from FILE, or all of --host, --ca, --cert and --key.');
  return {
    name,
    hosts,
    ca: await pemOf(io.cwd, 'ca', ca),
    cert: await pemOf(io.cwd, 'cert', cert),
    key: await pemOf(io.cwd, 'key', key),
  };
};

/** Proves that the three fit each other before they are kept: a context that cannot work is of no use. */
const proven = async (bundle: ContextBundle, nowMs: number): Promise<void> => {
  const { tlsFromPem } = await import('@tso/proto/rpc');
  const pem = { ca: Buffer.from(bundle.ca), cert: Buffer.from(bundle.cert), key: Buffer.from(bundle.key) };
  try {
    tlsFromPem(pem, { ca: 'given', cert: 'given', key: 'given' }, nowMs);
  } catch (error) {
    if (!(error instanceof TsoError)) throw error;
    throw new TsoError(error.code, error.message, {
      hint: 'Have another one made on a manager: tso ca issue NAME -o FILE.',
      details: error.details,
    });
  }
};

/** `tso context create NAME`. */
export const createContextCommand = async (call: Call<CreateOptions>): Promise<number> => {
  const { io, options, args, context, json } = call;
  const [name = ''] = args;
  const bundle = await bundleOf(call, name);
  await proven(bundle, io.clock.now());
  await createContext(context.configDir, name, bundle);
  if (options.use) await chooseContext(context.configDir, name);
  if (json) io.stdout.write(jsonDocument({ name, hosts: bundle.hosts, used: options.use ?? false }));
  else if (!options.quiet) {
    const next = options.use
      ? 'Commands go there from now on.'
      : `Use it once with --context ${name}, or from now on: tso context use ${name}`;
    io.stderr.write(`Context ${name} is known. ${next}\n`);
  }
  return exitCodes.done;
};

/** `tso context use NAME`. */
export const useContextCommand = async ({ io, options, args, context }: Call<object>): Promise<number> => {
  const [name = ''] = args;
  await chooseContext(context.configDir, name);
  if (options.quiet) return exitCodes.done;
  io.stderr.write(`Commands go to ${name === localContext ? "this host's own daemon" : `context ${name}`} from now on.\n`);
  const nearer = ['TSO_HOST', 'TSO_CONTEXT', 'TSO_RUN_DIR'].find((variable) => io.env[variable]);
  if (nearer !== undefined) io.stderr.write(`warning: ${nearer} is set in this shell, which goes before it.\n`);
  return exitCodes.done;
};

/** `tso context rm NAME…`. */
export const removeContextsCommand = async ({ io, options, args, context }: Call<{ readonly force?: boolean }>): Promise<number> => {
  for (const name of args) {
    await removeContext(context.configDir, name, options.force ?? false);
    if (!options.quiet) io.stderr.write(`Context ${name} is forgotten.\n`);
  }
  return exitCodes.done;
};

interface Row {
  readonly name: string;
  readonly current: boolean;
  readonly hosts: readonly string[];
  /** Whom the certificate names. */
  readonly user: string;
  readonly notAfterMs: number;
  /** Why it cannot be used. */
  readonly error: string;
}

const rowOf = async (context: Context, name: string, current: boolean): Promise<Row> => {
  try {
    const { hosts, cert, name: user } = await readContext(context.configDir, name);
    return { name, current, hosts, user, notAfterMs: new X509Certificate(cert).validToDate.getTime(), error: '' };
  } catch (error) {
    return { name, current, hosts: [], user: '', notAfterMs: 0, error: sentenceOf(error) };
  }
};

const expiryText = ({ notAfterMs }: Row, nowMs: number): string =>
  notAfterMs === 0 ? '' : notAfterMs > nowMs ? `in ${durationText(notAfterMs - nowMs)}` : 'EXPIRED';

const documentOf = ({ notAfterMs, ...row }: Row): object => ({ ...row, notAfter: isoInstant(notAfterMs) });

const localHost = ({ runDir }: Context): string => `unix://${socketIn(runDir)}`;

/** What commands go to, as a name of the list; undefined: a host that was named, which is none of them. */
const currentName = ({ remote, explicitHost }: Context): string | undefined =>
  remote === undefined ? (explicitHost ? undefined : localContext) : remote.hosts === undefined ? remote.name : undefined;

/** `tso context ls`. */
export const listContextsCommand = async ({ io, options, context, json }: Call<object>): Promise<number> => {
  const current = currentName(context);
  const local: Row = {
    name: localContext,
    current: current === localContext,
    hosts: [localHost(context)],
    user: context.actor,
    notAfterMs: 0,
    error: '',
  };
  const names = await listContexts(context.configDir);
  const rows = [local, ...(await Promise.all(names.map((name) => rowOf(context, name, name === current))))];
  if (json) io.stdout.write(jsonDocument(rows.map(documentOf)));
  else if (options.quiet) io.stdout.write(rows.map(({ name }) => `${name}\n`).join(''));
  else {
    const nowMs = io.clock.now();
    const columns = [{ title: 'NAME' }, { title: 'HOSTS', wrap: true }, { title: 'USER' }, { title: 'EXPIRES' }, { title: 'ERROR' }];
    const cells = rows.map((row) => [
      row.current ? `${row.name} *` : row.name,
      row.hosts.join(', '),
      row.user,
      expiryText(row, nowMs),
      row.error,
    ]);
    io.stdout.write(renderTable(columns, cells, io.stdout.columns));
  }
  return exitCodes.done;
};

/** `tso context show [NAME]`. */
export const showContextCommand = async ({ io, args, context, json }: Call<object>): Promise<number> => {
  const current = currentName(context);
  const name = args[0] ?? current ?? localContext;
  if (name === localContext) {
    const socket = localHost(context);
    io.stdout.write(
      json ? jsonDocument({ name, current: name === current, hosts: [socket] }) : `Name:      ${name}\nHosts:     ${socket}\n`,
    );
    return exitCodes.done;
  }
  const { hosts, cert, ca } = await readContext(context.configDir, name);
  const certificate = new X509Certificate(cert);
  const { subject } = certificate.toLegacyObject();
  const document = {
    name,
    current: name === current,
    hosts,
    user: subject.CN,
    role: subject.OU,
    clusterId: subject.O,
    notAfter: isoInstant(certificate.validToDate.getTime()),
    roots: (ca.match(/-----BEGIN CERTIFICATE-----/g) ?? []).length,
  };
  if (json) io.stdout.write(jsonDocument(document));
  else {
    const lines = [
      ['Name', name],
      ['Hosts', hosts.join(', ')],
      ['User', String(document.user)],
      ['Role', String(document.role)],
      ['Cluster', String(document.clusterId)],
      ['Expires', document.notAfter ?? ''],
    ];
    io.stdout.write(lines.map(([title, value]) => `${`${title}:`.padEnd(10)} ${value}\n`).join(''));
  }
  return exitCodes.done;
};
