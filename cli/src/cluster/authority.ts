import type { X509Certificate } from 'node:crypto';
import { resolve } from 'node:path';
import type { AuthorityView } from '@tso/proto';
import type { Call } from '../command-host.ts';
import { type CaClient, type ControlClient, withCluster } from '../control-client.ts';
import { exitCodes, UsageError } from '../exit-codes.ts';
import { followProgress, type ProgressOptions, waitingOptions } from '../follow-progress.ts';
import { isoInstant, jsonDocument } from '../output/json.ts';
import { authorityProgress } from '../view-model/authority-progress.ts';
import { type DetailLine, detailsText, listLines } from '../view-model/detail-lines.ts';
import { durationText } from '../view-model/task-text.ts';
import { authorityFiles } from './init.ts';

export interface CaOptions extends ProgressOptions {
  readonly rotate?: boolean;
  readonly detach?: boolean;
  readonly caCert?: string;
  readonly caKey?: string;
  /** Milliseconds. */
  readonly certExpiry?: number;
}

const certificateBlock = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g;

const certificatesOf = (pem: string): readonly X509Certificate[] => {
  const { X509Certificate: Certificate } = process.getBuiltinModule('node:crypto');
  return (pem.match(certificateBlock) ?? []).map((block) => new Certificate(block));
};

const documentOf = (view: AuthorityView): object => ({
  digest: view.digest,
  notAfter: isoInstant(view.notAfterMs),
  certificateLifeMs: view.certificateLifeMs,
  epoch: view.epoch,
  rotating: view.rotating,
  waitingFor: view.waitingFor,
  certificates: view.certificates,
});

const show = ({ io, options, json }: Call<CaOptions>, view: AuthorityView): number => {
  if (json) io.stdout.write(jsonDocument(documentOf(view)));
  else if (options.quiet) io.stdout.write(`${view.digest}\n`);
  else {
    const roots = certificatesOf(view.certificates);
    const leftMs = view.notAfterMs - io.clock.now();
    const rows: readonly DetailLine[] = [
      ['Digest', view.digest],
      ['Valid until', `${isoInstant(view.notAfterMs) ?? ''} (${leftMs > 0 ? `${durationText(leftMs)} left` : 'EXPIRED'})`],
      ['Certificates', `${durationText(view.certificateLifeMs)}, renewed from half of that on`],
      ['Rotation', view.rotating ? `under way, waits for ${view.waitingFor.join(', ') || 'its last step'}` : 'none'],
      ...listLines(
        'Trusted roots',
        roots.map((root) => `SHA-256 ${root.fingerprint256}`),
      ),
    ];
    io.stdout.write(detailsText(rows, 15));
  }
  return exitCodes.done;
};

const noRoot = { certificate: '', key: '' };

const rotate = async (call: Call<CaOptions>, control: ControlClient, ca: CaClient): Promise<number> => {
  const { io, options, json } = call;
  const { certificate, key } = authorityFiles(io.cwd, options);
  await ca.rotateAuthority({ certificate, key, viewOnly: false, certificateLifeMs: options.certExpiry ?? 0 });
  if (!options.detach) {
    const code = await followProgress(
      {
        ...waitingOptions(options, json),
        missing: 'the rotation of the root is not over',
        look: 'tso ca',
        read: async (signal) => {
          const [authority, { nodes }] = await Promise.all([ca.getAuthority({}, { signal }), control.listNodes({}, { signal })]);
          return authorityProgress(authority, nodes);
        },
      },
      io,
    );
    if (code !== exitCodes.done) return code;
  }
  const view = await ca.getAuthority({});
  if (!json && !options.quiet) {
    io.stderr.write(
      options.detach
        ? 'The rotation has begun; nodes renew their certificates by themselves. See how far it is with tso ca.\n'
        : 'The root is another now. Join tokens are others, too: tso token worker.\n',
    );
  }
  return json || options.quiet ? show(call, view) : exitCodes.done;
};

const waitOptions = ['caCert', 'caKey', 'detach', 'timeout'] as const;

/** `tso ca`: what it is, with --cert-expiry how it is to be from now on, with --rotate another one. */
export const authority = async (call: Call<CaOptions>): Promise<number> => {
  const { io, options, context } = call;
  const stray = waitOptions.find((name) => options[name] !== undefined);
  if (!options.rotate && stray !== undefined) {
    const flag = `--${stray.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
    throw new UsageError(`${flag} says how to rotate, and --rotate is not given`, 'Add --rotate, or leave it out.');
  }
  return withCluster(context, io.uid, async ({ control, ca }) => {
    if (options.rotate) return rotate(call, control, ca);
    const { certExpiry } = options;
    return show(
      call,
      certExpiry === undefined
        ? await ca.getAuthority({})
        : await ca.rotateAuthority({ ...noRoot, viewOnly: true, certificateLifeMs: certExpiry }),
    );
  });
};

/** `tso ca revoke NAME`. */
export const revokeClient = async ({ io, options, args, context, json }: Call<object>): Promise<number> => {
  const [name = ''] = args;
  await withCluster(context, io.uid, ({ ca }) => ca.revokeClient({ name }));
  if (json) io.stdout.write(jsonDocument({ name, revoked: true }));
  else if (!options.quiet) io.stderr.write(`Certificates of ${name} are refused from now on.\n`);
  return exitCodes.done;
};

export interface IssueOptions {
  readonly output: string;
  /** Milliseconds. */
  readonly expiry?: number;
}

/** `tso ca issue NAME`. The key is made here and goes into the bundle only. */
export const issueClient = async ({ io, options, args, context, json }: Call<IssueOptions>): Promise<number> => {
  const [name = ''] = args;
  const { output, expiry } = options;
  const [{ makeKeyAndCsr }, { writeBundle }] = await Promise.all([import('@tso/proto/pki'), import('../context-bundle.ts')]);
  const { key, csr } = await makeKeyAndCsr();
  const reply = await withCluster(context, io.uid, ({ ca }) => ca.issueClient({ name, csr, lifeMs: expiry ?? 0 }));
  const hosts = reply.managers.map(({ address }) => address);
  await writeBundle(io.cwd, output, { name, hosts, ca: reply.authorities, cert: reply.certificate, key });
  const notAfter = isoInstant(reply.notAfterMs);
  if (json) io.stdout.write(jsonDocument({ name, file: resolve(io.cwd, output), notAfter, hosts }));
  else {
    io.stderr.write(
      `${output} lets who has it do in the cluster what root on a manager can, until ${notAfter}. Take it to the other machine\n` +
        `in a way that nobody reads, and there: tso context create NAME --from ${output}. To refuse it: tso ca revoke ${name}\n`,
    );
  }
  return exitCodes.done;
};
