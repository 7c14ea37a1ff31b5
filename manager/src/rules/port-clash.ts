import type { PortConfig } from '@tso/proto';
import { PublishMode } from '@tso/proto';

/**
 * Whether two services cannot both publish these: the same number and protocol on an address that both mean. Two host-mode ports
 * get along on different nodes, which the scheduler sees to.
 */
export const portsClash = (a: PortConfig, b: PortConfig): boolean => {
  if (a.published === 0 || a.published !== b.published || a.protocol !== b.protocol) return false;
  if (a.hostIp !== '' && b.hostIp !== '' && a.hostIp !== b.hostIp) return false;
  return a.mode === PublishMode.INGRESS || b.mode === PublishMode.INGRESS;
};
