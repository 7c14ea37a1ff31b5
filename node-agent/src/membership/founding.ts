import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { TsoError } from '@tso/proto';
import { makePrivateDir, readIfThere, removeFile, writeDurably } from '../durable-file.ts';
import { limits } from '../limits.ts';
import { requireCidr } from '../network/address.ts';
import { type AgentPaths, runDirTag } from '../paths.ts';
import { patiently } from '../task/patience.ts';
import { forgetBackup, receiveBackup } from './backup-file.ts';
import type { Membership } from './identity.ts';
import type { ManagerAnswer } from './manager-child.ts';
import type { ManagerOrder } from './manager-flags.ts';
import type { Member } from './member-ports.ts';
import { type AddressWish, addressesForInit } from './node-addresses.ts';
import { releaseNetworks } from './release-networks.ts';
import { SetAside } from './set-aside.ts';

export interface InitWish extends Partial<AddressWish> {
  /** CIDR; undefined: chosen. */
  readonly addressPool: string | undefined;
  /** Prefix length of each network's range; undefined: 24. */
  readonly subnetSize?: number | undefined;
  /** PEM of the authority that the cluster is to have, and its key; undefined: one is made. */
  readonly authority?: { readonly certificate: string; readonly key: string } | undefined;
  /** The other managers are lost for ever: begin a new cluster with what this node's manager has. */
  readonly forceNewCluster?: boolean;
}

const defaultVxlanPort = 4789;
const defaultFirstVni = 4096;
const lastVni = 0xff_ffff;
const widestPool = 8;
const [widestSubnet, defaultSubnet, narrowestSubnet] = [16, 24, 29];

const requireSubnet = (size: number): number => {
  if (Number.isInteger(size) && size >= widestSubnet && size <= narrowestSubnet) return size;
  throw new TsoError('INVALID_ARGUMENT', `the subnet size ${size} must be a prefix length from ${widestSubnet} to ${narrowestSubnet}`);
};

const requirePool = (text: string, subnet: number): string => {
  const { prefix } = requireCidr(text, 'the address pool');
  if (prefix >= widestPool && prefix <= subnet) return text;
  throw new TsoError('INVALID_ARGUMENT', `the address pool "${text}" must be from /${widestPool} to /${subnet}`, {
    hint: `Each network gets a /${subnet} of it: 10.128.0.0/12 has room for ${2 ** (subnet - 12)}`,
  });
};

const newMembership = async ({ options, ports }: Member, wish: InitWish): Promise<Membership> => {
  const subnetPrefix = requireSubnet(wish.subnetSize ?? defaultSubnet);
  const pool = wish.addressPool === undefined ? undefined : requirePool(wish.addressPool, subnetPrefix);
  const { defaultListenAddr, listenAddr, advertiseAddr } = options;
  const said = {
    listenAddr: wish.listenAddr || listenAddr || defaultListenAddr,
    advertiseAddr: wish.advertiseAddr || advertiseAddr,
  };
  const addresses = await addressesForInit(said, { own: ports.ownAddress, logger: ports.logger });
  return {
    ...addresses,
    clusterId: '',
    role: 'manager',
    retired: false,
    founder: true,
    leaving: false,
    addressPool: pool ?? (await ports.choosePool()),
    subnetPrefix,
    // Two clusters on one machine share its kernel's VXLAN numbers, so only the default one starts at the bottom.
    firstVni: runDirTag(options.paths) === '' ? defaultFirstVni : defaultFirstVni + Math.floor(ports.random.number() * (lastVni / 2)),
    vxlanPort: defaultVxlanPort,
  };
};

const isPem = (text: string): boolean => text.includes('-----BEGIN ');

/** Where an operator's authority is while a cluster is begun with it, and a note of that which outlives the machine's memory. */
const authorityPlaces = ({ runDir, dataDir }: AgentPaths) => ({
  folder: join(runDir, 'authority'),
  note: join(dataDir, 'begins-with-authority'),
});

/** Hands the authority over in two files that only root reads, for as long as the work takes. */
const withAuthority = async <T>(
  { options }: Member,
  authority: InitWish['authority'],
  work: (order: ManagerOrder | undefined) => Promise<T>,
): Promise<T> => {
  if (authority === undefined) return work(undefined);
  if (!isPem(authority.certificate) || !isPem(authority.key)) {
    throw new TsoError('INVALID_ARGUMENT', 'the certificate and the key of the authority must both be given, in PEM form');
  }
  const { folder, note } = authorityPlaces(options.paths);
  await makePrivateDir(folder);
  const [certificate, key] = [join(folder, 'ca.pem'), join(folder, 'ca-key.pem')];
  try {
    await writeDurably(note, '');
    await writeDurably(certificate, authority.certificate);
    await writeDurably(key, authority.key);
    return await work({ kind: 'bootstrap-ca', certificate, key });
  } finally {
    await removeFile(certificate);
    await removeFile(key);
    await removeFile(note);
  }
};

/** After a crash while a cluster was begun with an operator's authority: that is gone, and the cluster must not come to have another. */
export const forgetHalfFounded = async ({ options, ports }: Member): Promise<void> => {
  const { folder, note } = authorityPlaces(options.paths);
  if ((await readIfThere(note)) === undefined) return;
  if (ports.certificates.stored === undefined && ports.identity.current.membership !== undefined) {
    ports.logger.warn({}, 'a cluster with an authority of its own was not begun to its end: this node is part of no cluster');
    await releaseNetworks({ ports });
    await ports.managerState.erase();
    await ports.identity.abandon();
  }
  await rm(folder, { recursive: true, force: true });
  await removeFile(note);
};

const notMade = (answer: ManagerAnswer): TsoError | undefined =>
  answer.kind === 'failed' ? new TsoError('FAILED_PRECONDITION', `no cluster was made: ${answer.message}`) : undefined;

/** Begins a cluster of which this node is the first manager. What fails before the manager answers leaves nothing behind. */
export const found = async (member: Member, wish: InitWish, configure: (membership: Membership) => Promise<void>): Promise<void> => {
  const { ports, life } = member;
  const membership = await newMembership(member, wish);
  await withAuthority(member, wish.authority, async (order) => {
    // It is a member from here on: an agent that ends now goes on with it.
    await ports.identity.join(membership);
    await configure(membership);
    const failure = notMade((await life.takeUp(order)) ?? { kind: 'slow' });
    if (failure === undefined) return;
    await life.letGo();
    await releaseNetworks(member);
    await ports.managerState.erase();
    await ports.certificates.erase();
    await ports.identity.abandon();
    throw failure;
  });
};

/** Begins a new group of managers with what the one of this node has. FAILED_PRECONDITION: it runs none; its own words when it cannot. */
export const foundAnew = async ({ ports }: Member, wish: InitWish): Promise<void> => {
  const { membership } = ports.identity.current;
  if (membership?.role !== 'manager') {
    throw new TsoError('FAILED_PRECONDITION', 'this node runs no manager: there is nothing to begin a new cluster with', {
      hint: 'Use it on a node whose manager survived, or leave --force-new-cluster out',
    });
  }
  if (wish.addressPool !== undefined || wish.subnetSize !== undefined || wish.authority !== undefined) {
    throw new TsoError('INVALID_ARGUMENT', 'a new cluster made with --force-new-cluster keeps its address pool and its authority', {
      hint: 'Leave --address-pool, --subnet-size and the authority out',
    });
  }
  const answer = await ports.manager.order({ kind: 'force-new-cluster' });
  if (answer.kind === 'failed') throw new TsoError('FAILED_PRECONDITION', `no new cluster was made: ${answer.message}`);
};

/** Makes this node the first manager of what a backup holds. What it was before is put back when that fails. Resolves once it was welcomed. */
export const restore = async (
  member: Member,
  body: AsyncIterable<Uint8Array>,
  said: Partial<AddressWish>,
  configure: (membership: Membership) => Promise<void>,
): Promise<void> => {
  const { options, ports } = member;
  const before = ports.identity.current.membership;
  const file = await receiveBackup(options.paths, body);
  try {
    const membership = { ...(await newMembership(member, { ...said, addressPool: undefined })), ...kept(before, said) };
    await become(member, membership, { file, configure });
  } finally {
    await forgetBackup(options.paths);
  }
};

/** What it was is set aside until the leading manager has welcomed it as what the backup says. */
const become = async (
  member: Member,
  membership: Membership,
  { file, configure }: { readonly file: string; readonly configure: (membership: Membership) => Promise<void> },
): Promise<void> => {
  const { options, ports, life } = member;
  const before = ports.identity.current.membership;
  const aside = new SetAside(options.paths);
  try {
    if (before !== undefined) await life.letGo();
    await aside.take(before);
    await ports.certificates.load();
    await ports.identity.join(membership);
    const answer = (await life.takeUp({ kind: 'restore', file })) ?? { kind: 'slow' };
    if (answer.kind !== 'ready') throw notRestored(answer);
    await welcomed(member);
    await aside.forget();
  } catch (error) {
    await life.letGo();
    await putBack(member, aside);
    if (ports.identity.current.membership !== undefined) {
      await configure(ports.identity.current.membership);
      await life.takeUp();
    }
    throw error;
  }
};

/** Where it is reached stays as it was, unless it is said. */
const kept = (before: Membership | undefined, said: Partial<AddressWish>): Partial<Membership> => {
  if (before === undefined) return {};
  const { listenAddr, advertiseAddr, firstVni } = before;
  return said.listenAddr || said.advertiseAddr ? { firstVni } : { listenAddr, advertiseAddr, firstVni };
};

const notRestored = (answer: ManagerAnswer): TsoError =>
  new TsoError(
    'FAILED_PRECONDITION',
    `nothing was restored: ${answer.kind === 'failed' ? answer.message : 'the manager did not become ready'}`,
  );

/** After a restore that did not come to its end, or after a crash in the middle of one. */
export const putBack = async ({ ports }: Pick<Member, 'ports'>, aside: SetAside): Promise<void> => {
  const before = await aside.recover();
  if (before === undefined) return;
  ports.logger.warn({}, 'a restore did not come to its end: this node is what it was before');
  if (before.membership === undefined) await ports.identity.abandon();
  else await ports.identity.join(before.membership);
  await ports.certificates.load();
  await aside.forget();
};

/** DEADLINE_EXCEEDED: no manager welcomed this node in time. */
export const welcomed = async ({ ports, life }: Member): Promise<void> => {
  const welcome = life.session?.welcomed ?? Promise.reject(new TsoError('CANCELLED', 'this node has just left the cluster'));
  const patience = { what: 'the welcome by the leading manager', limitMs: limits.joinWelcomeMs };
  await patiently(welcome, patience, ports.clock);
};
