import { memberPort } from '@tso/proto';
import { durationText } from '../view-model/task-text.ts';
import type { ClusterFacts, ManagerFacts } from './cluster-facts.ts';
import type { HostFacts } from './facts.ts';
import { type Finding, finding } from './finding.ts';

/** Managers elect anew after 0.75 s of silence at the least; a tenth of that leaves room for what else takes time. */
const slowMs = 75;
/** More than this and merged logs are in the wrong order. */
const clockOkMs = 2_000;
/** Certificates are dated a day back, so that clocks may differ that much; half of it is time to act. */
const clockFailMs = 12 * 3_600_000;

/** Who has the port where members and joiners are listened for. */
export const examinePort = ({ memberPort: state, cluster, daemon }: HostFacts): readonly Finding[] => {
  const check = `port ${memberPort}/tcp`;
  if (state === 'free') return [finding(check, 'ok', 'free')];
  if (state === 'unknown') return [finding(check, 'warn', 'could not be tried')];
  if (daemon.errno === undefined && cluster?.manager) return [finding(check, 'ok', "in use by this host's manager")];
  return [
    finding(
      check,
      'warn',
      'taken by something else: a manager on this host could not be reached there',
      `See by what: ss -tlnp 'sport = :${memberPort}'; or give tso daemon another --listen-addr.`,
    ),
  ];
};

const clockFix = 'Keep all clocks right: apt-get install systemd-timesyncd';

const clockFinding = (address: string, aheadMs: number): Finding => {
  const check = `clock of ${address}`;
  const off = Math.abs(aheadMs);
  // Half a second either way is what the answer cannot tell.
  if (off <= clockOkMs) return finding(check, 'ok', `the same, within ${(Math.round((off + 500) / 100) / 10).toFixed(1)} s`);
  const text = `${durationText(off)} ${aheadMs > 0 ? 'ahead of' : 'behind'} this host's`;
  return off < clockFailMs
    ? finding(check, 'warn', `${text}: logs of several nodes come in the wrong order`, clockFix)
    : finding(check, 'fail', `${text}: beyond a day certificates are refused`, clockFix);
};

const managerFindings = ({ address, error, connectMs, aheadMs }: ManagerFacts): readonly Finding[] => {
  const check = `manager ${address}`;
  if (error !== undefined)
    return [finding(check, 'warn', `cannot be reached: ${error}`, 'Look at the host, the network between and firewalls on both sides.')];
  const time = connectMs === undefined ? '' : `a connection takes ${connectMs < 10 ? connectMs.toFixed(1) : Math.round(connectMs)} ms`;
  const reach =
    connectMs !== undefined && connectMs > slowMs
      ? finding(
          check,
          'warn',
          `${time}: elections may begin without need`,
          'Raise election-ticks on all managers: tso daemon --manager-option election-ticks=30.',
        )
      : finding(check, 'ok', time);
  return aheadMs === undefined ? [reach] : [reach, clockFinding(address, aheadMs)];
};

const rejoin = 'Let it join again: tso leave --force, then tso join.';

/** Whoever started the daemon decided where it goes. */
const logOf = (dataDir: string): string => `journalctl -u tsod, or ${dataDir}/tsod.log`;

const certificateFinding = ({ nowMs, dataDir }: HostFacts, certificate: ClusterFacts['certificate']): readonly Finding[] => {
  const check = 'certificate';
  if (certificate === undefined) return [finding(check, 'fail', 'this node is a member and has no certificate', rejoin)];
  if (certificate === 'unreadable') return [finding(check, 'warn', 'cannot be read', 'Run it again with sudo.')];
  const { notBeforeMs, notAfterMs } = certificate;
  const leftMs = notAfterMs - nowMs;
  if (leftMs <= 0) return [finding(check, 'fail', `expired on ${new Date(notAfterMs).toISOString()}`, `If the clock is right: ${rejoin}`)];
  if (nowMs < notBeforeMs)
    return [finding(check, 'fail', `not valid before ${new Date(notBeforeMs).toISOString()}: the clock is wrong`, clockFix)];
  const text = `valid for ${durationText(leftMs)}`;
  // It is renewed from half its life on: one that is much older was not, and somebody should know why.
  const late = leftMs < (notAfterMs - notBeforeMs) / 4;
  return [
    late
      ? finding(
          check,
          'warn',
          `${text}: it should have been renewed long ago`,
          `See why not: ${logOf(dataDir)}; and whether managers can be reached.`,
        )
      : finding(check, 'ok', text),
  ];
};

const addressFinding = ({ address, localAddresses }: ClusterFacts): readonly Finding[] => {
  const check = 'advertise address';
  const fix = 'Say which: tso daemon --advertise-addr ADDR.';
  const host = /^\[([^\]]+)\]/.exec(address)?.[1] ?? (address.split(':').length === 2 ? (address.split(':')[0] ?? '') : address);
  if (host === '') return [finding(check, 'warn', 'not known', fix)];
  if (/^127\.|^::1$/.test(host)) return [finding(check, 'warn', `${host}: no other host reaches it`, fix)];
  if (!localAddresses.includes(host))
    return [finding(check, 'warn', `${host} is no address of this host: right only behind address translation`, fix)];
  return [finding(check, 'ok', host)];
};

const stateFinding = ({ state, error, manager }: ClusterFacts, dataDir: string): Finding => {
  const why = error === '' ? '' : `: ${error}`;
  if (state === 'active') return finding('cluster', 'ok', manager ? 'a manager' : 'a worker');
  if (state === 'locked') return finding('cluster', 'warn', 'its manager is locked', 'Unlock it: tso unlock');
  return finding('cluster', state === 'pending' ? 'warn' : 'fail', `${state}${why}`, `The log of the daemon says more: ${logOf(dataDir)}`);
};

/** What is to be said of a member of a cluster; nothing of a host that is none. */
export const examineCluster = (facts: HostFacts): readonly Finding[] => {
  const { cluster, dataDir } = facts;
  if (cluster === undefined || cluster.state === 'inactive') return [];
  return [
    stateFinding(cluster, dataDir),
    ...addressFinding(cluster),
    ...certificateFinding(facts, cluster.certificate),
    ...cluster.managers.flatMap(managerFindings),
  ];
};
