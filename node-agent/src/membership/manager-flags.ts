/** What the manager program is told on its command line; manager/src/config.ts reads it. */

export interface ManagerSettings {
  readonly nodeId: string;
  /** The next four are used when the cluster is made; after that the store has them. */
  readonly addressPool: string;
  readonly subnetPrefix: number;
  readonly firstVni: number;
  readonly vxlanPort: number;
  readonly identityDir: string;
  /** Both empty: it has no door to the network. */
  readonly listenAddr: string;
  readonly advertiseAddr: string;
  /** A member of the group to join, used at its first start; undefined: it begins the cluster. */
  readonly join: string | undefined;
}

/** What it is to do at one start only. */
export type ManagerOrder =
  | { readonly kind: 'force-new-cluster' }
  | { readonly kind: 'restore'; readonly file: string }
  /** Begin the cluster with this authority. */
  | { readonly kind: 'bootstrap-ca'; readonly certificate: string; readonly key: string };

const flag = (name: string, value: string | number): readonly string[] => [`--${name}`, String(value)];

export const orderFlags = (order: ManagerOrder): readonly string[] => {
  switch (order.kind) {
    case 'force-new-cluster':
      return ['--force-new-cluster'];
    case 'restore':
      return flag('restore', order.file);
    case 'bootstrap-ca':
      return [...flag('bootstrap-ca-cert', order.certificate), ...flag('bootstrap-ca-key', order.key)];
    default:
      return order satisfies never;
  }
};

/** @param order excludes joining: the manager begins in one way */
export const settingsFlags = (settings: ManagerSettings, order: ManagerOrder | undefined): readonly string[] => {
  const { join, listenAddr, advertiseAddr } = settings;
  const begins = order !== undefined && order.kind !== 'bootstrap-ca';
  return [
    ...flag('node-id', settings.nodeId),
    ...flag('address-pool', settings.addressPool),
    ...flag('subnet-prefix', settings.subnetPrefix),
    ...flag('first-vni', settings.firstVni),
    ...flag('vxlan-port', settings.vxlanPort),
    ...flag('identity-dir', settings.identityDir),
    ...(listenAddr === '' ? [] : [...flag('peer-listen', listenAddr), ...flag('peer-address', advertiseAddr)]),
    ...(join === undefined || begins || listenAddr === '' ? [] : flag('join', join)),
    ...(order === undefined ? [] : orderFlags(order)),
  ];
};
