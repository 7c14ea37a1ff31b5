/** Names that a daemon gives to what it makes in the host's namespace; two daemons with different run directories never share one. */
export interface HostNames {
  /** Six characters of 0-9a-z from the run directory. */
  readonly tag: string;
  /** nftables table of family inet. */
  readonly table: string;
  /** nftables wildcard that matches every gateway device of this daemon. */
  readonly gatewayPattern: string;
  /** The same for the devices below the gateways, */
  readonly vxlanPattern: string;
  /** and for those that carry an address of the host itself. */
  readonly ownPattern: string;
  /** Metric of the route that claims the address pool: tells whose claim it is. */
  readonly claimMetric: number;
  vxlanDevice(vni: number): string;
  gatewayDevice(vni: number): string;
  /** Carries this host's own address on a network where it has one (the ingress network). */
  ownDevice(vni: number): string;
  /** The VNI of a device that this daemon made, or undefined. */
  vniOf(device: string): number | undefined;
}

/** Routing protocol number of our routes (`ip route … proto 116`); free in iproute2's rt_protos. */
export const routeProtocol = 116;

const vxlanPrefix = 'tsox';
const gatewayPrefix = 'tsog';
const ownPrefix = 'tsoh';
const tagSpace = 36 ** 6;
const baseMetric = 3_000_000_000;

/** FNV-1a, 32 bit (RFC 9923). */
export const fnv1a = (text: string): number => {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return hash;
};

const devicePattern = /^tso[xgh]([0-9a-z]{6})(0|[1-9a-z][0-9a-z]{0,4})$/;

/**
 * Device names are `tsox`, `tsog` or `tsoh`, the tag, and the VNI in base 36: at most 15 characters, the kernel's limit (a VNI has 24 bits,
 * five digits). VNI 0 is that of the resolver network, which is no overlay. `defaultRunDir` gets the table `tso`, every other directory `tso-TAG`.
 */
export const hostNames = (runDir: string, defaultRunDir: string): HostNames => {
  const hash = fnv1a(runDir);
  const tag = (hash % tagSpace).toString(36).padStart(6, '0');
  return {
    tag,
    table: runDir === defaultRunDir ? 'tso' : `tso-${tag}`,
    gatewayPattern: `${gatewayPrefix}${tag}*`,
    vxlanPattern: `${vxlanPrefix}${tag}*`,
    ownPattern: `${ownPrefix}${tag}*`,
    claimMetric: baseMetric + (hash % 1_000_000_000),
    vxlanDevice: (vni) => `${vxlanPrefix}${tag}${vni.toString(36)}`,
    gatewayDevice: (vni) => `${gatewayPrefix}${tag}${vni.toString(36)}`,
    ownDevice: (vni) => `${ownPrefix}${tag}${vni.toString(36)}`,
    vniOf: (device) => {
      const [, deviceTag, vni] = devicePattern.exec(device) ?? [];
      return deviceTag === tag && vni !== undefined ? Number.parseInt(vni, 36) : undefined;
    },
  };
};
