import { resolve } from 'node:path';
import { toTsoError } from '@tso/proto';
import type { Call } from '../command-host.ts';
import { withCluster } from '../control-client.ts';
import { ensureDaemon } from '../daemon-start.ts';
import { exitCodes, UsageError } from '../exit-codes.ts';
import { failureSentence } from '../failure.ts';
import { jsonDocument } from '../output/json.ts';
import { fileText } from '../read-secret.ts';
import { keepKeyText } from './autolock.ts';
import { joinCommand } from './tokens.ts';

export interface InitOptions {
  readonly advertiseAddr?: string;
  readonly listenAddr?: string;
  readonly addressPool?: string;
  readonly subnetSize?: number;
  readonly autolock?: boolean;
  readonly caCert?: string;
  readonly caKey?: string;
  readonly forceNewCluster?: boolean;
}

/** Certificate and key belong together: either both are given or both are made. */
export const authorityFiles = (
  cwd: string,
  options: Pick<InitOptions, 'caCert' | 'caKey'>,
): { readonly certificate: string; readonly key: string } => {
  const { caCert, caKey } = options;
  if ((caCert === undefined) !== (caKey === undefined)) {
    throw new UsageError(
      `${caCert === undefined ? '--ca-key' : '--ca-cert'} is given without ${caCert === undefined ? '--ca-cert' : '--ca-key'}`,
      'Give both: the cluster signs the certificates of its nodes with them.',
    );
  }
  if (caCert === undefined || caKey === undefined) return { certificate: '', key: '' };
  return {
    certificate: fileText(resolve(cwd, caCert), "the authority's certificate"),
    key: fileText(resolve(cwd, caKey), "the authority's key"),
  };
};

/** Fields of POST /swarm/init; only what was said, the rest is the daemon's to choose. */
export const initBody = (cwd: string, options: InitOptions): Readonly<Record<string, unknown>> => {
  const { certificate, key } = authorityFiles(cwd, options);
  const fields = {
    AdvertiseAddr: options.advertiseAddr,
    ListenAddr: options.listenAddr,
    AddressPool: options.addressPool,
    SubnetSize: options.subnetSize,
    CaCertificate: certificate || undefined,
    CaKey: key || undefined,
    ForceNewCluster: options.forceNewCluster || undefined,
  };
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
};

interface Extras {
  readonly joinCommand: string | undefined;
  readonly unlockKey: string | undefined;
}

/** The cluster is there, whatever fails now: that is told as a warning beside the node's id, with the command that makes up for it. */
const extrasOf = async (call: Call<InitOptions>, nodeId: string, warn: (text: string) => void): Promise<Extras> => {
  const { io, context, options } = call;
  let extras: Extras = { joinCommand: undefined, unlockKey: undefined };
  try {
    await withCluster(context, io.uid, async ({ ca }) => {
      if (options.autolock) extras = { ...extras, unlockKey: (await ca.setAutolock({ enabled: true, rotate: false })).key };
      const tokens = await ca.getJoinTokens({});
      extras = { ...extras, joinCommand: joinCommand(tokens.worker, tokens.managers, nodeId) };
    });
  } catch (error) {
    const why = failureSentence(toTsoError(error));
    if (options.autolock && extras.unlockKey === undefined) {
      warn(`the cluster is there but not locked (tso autolock on locks it): ${why}`);
    } else {
      warn(`the join command is not known yet (tso token worker shows it): ${why}`);
    }
  }
  return extras;
};

/** `tso init`. The node's id is the result; what to do with the cluster is told beside it. */
export const initCluster = async (call: Call<InitOptions>): Promise<number> => {
  const { io, engine, options, json } = call;
  const body = initBody(io.cwd, options);
  await ensureDaemon(call);
  const nodeId = await engine.call<string>({ method: 'POST', path: '/swarm/init', json: body });
  if (!json) io.stdout.write(`${nodeId}\n`);
  const { joinCommand: command, unlockKey } = await extrasOf(call, nodeId, (text) => void io.stderr.write(`warning: ${text}\n`));
  const locked = options.autolock !== true || unlockKey !== undefined;
  if (json) {
    io.stdout.write(jsonDocument({ nodeId, joinCommand: command ?? null, ...(unlockKey === undefined ? {} : { unlockKey }) }));
  } else {
    if (command !== undefined)
      io.stderr.write(`To add a worker, run this on the other host as root:\n\n    ${command}\n\nTo add a manager: tso token manager\n`);
    if (unlockKey !== undefined) io.stderr.write(`\nUnlock key, shown once here:\n\n    ${unlockKey}\n\n${keepKeyText}`);
  }
  return locked ? exitCodes.done : exitCodes.failed;
};
