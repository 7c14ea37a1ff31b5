import { readdirSync, readFileSync } from 'node:fs';

/** A whole disk of this host, with its number. */
export const disk = (): { readonly path: string; readonly number: string } => {
  const name = readdirSync('/sys/block').find((one) => !/^(loop|ram|zram|dm-|md)/.test(one));
  if (name === undefined) throw new Error('this host has no disk');
  return { path: `/dev/${name}`, number: readFileSync(`/sys/block/${name}/dev`, 'utf8').trim() };
};
