import type { Attachment } from '../task-interfaces.ts';

/** A task's place on its index-th network, address .3 of 10.32.INDEX.0/24, IPv4 only. */
export const attachmentOn = (index: number, changes: Partial<Attachment> = {}): Attachment => ({
  networkId: `n${index}`,
  networkName: `net${index}`,
  vni: 4096 + index,
  lower: `vx${index}`,
  device: `eth${index}`,
  address: `10.32.${index}.3`,
  prefixLength: 24,
  mac: `02:42:0a:20:0${index}:03`,
  gateway: `10.32.${index}.1`,
  internal: false,
  ingress: false,
  resolves: true,
  address6: '',
  prefixLength6: 0,
  gateway6: '',
  ...changes,
});
