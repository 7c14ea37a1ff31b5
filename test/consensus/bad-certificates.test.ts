// Mutual TLS between managers: who has no certificate, one of somebody else, or one for something else, is refused.
import { join } from 'node:path';
import { loadTls, type TlsMaterial } from '@tso/proto/rpc';
import test from 'ava';
import { testAuthority } from '../../proto/src/rpc/testing/certificates.ts';
import { Cluster } from './cluster.ts';
import { LoopbackSite, managerSubject, siteCluster } from './loopback-site.ts';
import { groupIdOf, plainConnection, speak } from './raw-peer.ts';
import { RegisterClient } from './register.ts';

test.serial('only the node that a certificate names may speak for it, and only managers of the same cluster', async (t) => {
  const site = await LoopbackSite.create(['n1', 'n2', 'n3']);
  const cluster = await Cluster.start({ size: 3, site });
  try {
    const victim = await cluster.leader();
    const [other] = await cluster.followers();
    if (other === undefined) throw new Error('there is a follower');
    const door = victim.options.peerListen;
    const before = await cluster.list(victim);
    const hello = {
      groupId: groupIdOf(victim),
      from: await cluster.raftId(other),
      fromNode: other.nodeId,
      to: await cluster.raftId(victim),
      address: other.options.peerListen,
    };
    const certificate = async (name: string, subject: string, authority = site.authority): Promise<TlsMaterial> =>
      loadTls(await authority.issue(join(cluster.folder, name), subject), Date.now());
    const refusal = async (tls: TlsMaterial) => (await speak(door, hello, [], tls))?.sentence ?? 'it was taken';

    t.is(await speak(door, hello, [], await certificate('right', managerSubject(other.nodeId))), undefined, 'the right one is taken');
    t.regex(await refusal(await certificate('intruder', managerSubject('intruder'))), /intruder/);
    t.regex(await refusal(await certificate('worker', `CN=${other.nodeId}, OU=worker, O=${siteCluster}`)), /manager|worker/);
    t.not(await refusal(await certificate('stranger', `CN=${other.nodeId}, OU=manager, O=elsewhere`)), 'it was taken');
    const forger = await testAuthority();
    t.not(await refusal(await certificate('forged', managerSubject(other.nodeId), forger)), 'it was taken');
    const [host = '', port = ''] = door.split(':');
    const plain = await plainConnection({ host, port: Number(port) });
    plain.end('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
    plain.destroySoon();

    const client = new RegisterClient(other.target);
    await client.write('k', 'still here', 10_000);
    client.close();
    const after = await cluster.list(victim);
    t.deepEqual([after.leader, after.term], [before.leader, before.term]);
    t.true(cluster.members.every(({ alive }) => alive));
  } finally {
    await cluster.destroy();
  }
});
