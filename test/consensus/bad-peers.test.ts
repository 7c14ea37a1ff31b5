// What comes in at the door for other managers, from who should not be there.
import { randomBytes } from 'node:crypto';
import { status } from '@grpc/grpc-js';
import { RaftMessageType } from '@tso/proto';
import test, { type ExecutionContext } from 'ava';
import { Cluster } from './cluster.ts';
import type { ManagerProcess } from './manager-process.ts';
import { groupIdOf, message, plainConnection, sendHuge, speak } from './raw-peer.ts';
import { RegisterClient } from './register.ts';

interface Attack {
  readonly cluster: Cluster;
  readonly victim: ManagerProcess;
  readonly door: string;
  readonly groupId: string;
  idOf(member: ManagerProcess): Promise<number>;
}

/** The members live through it, all of them, under the same leader and in the same term, and go on writing. */
const unmoved = async (t: ExecutionContext, attack: (scene: Attack) => Promise<void>): Promise<void> => {
  const cluster = await Cluster.start({ size: 3 });
  try {
    const leader = await cluster.leader();
    const before = await cluster.list(leader);
    const pids = cluster.members.map(({ pid }) => pid);
    for (const victim of [leader, ...(await cluster.followers()).slice(0, 1)]) {
      await attack({
        cluster,
        victim,
        door: victim.options.peerListen,
        groupId: groupIdOf(victim),
        idOf: (member) => cluster.raftId(member),
      });
    }
    for (const member of cluster.members) {
      const client = new RegisterClient(member.target);
      await client.write(`after-${member.nodeId}`, 'still here', 10_000);
      client.close();
    }
    const after = await cluster.list(leader);
    t.is(after.leader, before.leader);
    t.is(after.term, before.term);
    t.deepEqual(
      cluster.members.map(({ pid, alive }) => (alive ? pid : 'dead')),
      pids,
    );
  } finally {
    await cluster.destroy();
  }
};

test.serial('bytes that are no protocol at all, and connections that never say anything', async (t) => {
  await unmoved(t, async ({ door }) => {
    const silent = await Promise.all(Array.from({ length: 50 }, () => plainConnection(door)));
    for (const bytes of [randomBytes(64 * 1024), Buffer.from('GET / HTTP/1.1\r\nHost: x\r\n\r\n'), Buffer.alloc(1_000_000)]) {
      const socket = await plainConnection(door);
      socket.end(bytes);
      socket.destroySoon();
    }
    const http2 = await plainConnection(door);
    http2.end(Buffer.concat([Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'), randomBytes(10_000)]));
    for (const socket of silent) socket.destroy();
    http2.destroy();
  });
});

test.serial('a stream of another group is refused by name', async (t) => {
  await unmoved(t, async ({ cluster, victim, door, idOf }) => {
    const other = cluster.members.find((member) => member !== victim) ?? victim;
    const hello = { groupId: 'another-group', from: await idOf(other), fromNode: other.nodeId, to: await idOf(victim), address: 'unix:/x' };
    const error = await speak(door, hello, []);
    t.regex(error?.sentence ?? 'it was taken', /group/);
    t.not(error?.code, 'INTERNAL');
  });
});

test.serial('one who gives itself out for another node, or calls for somebody else, is refused', async (t) => {
  await unmoved(t, async ({ cluster, victim, door, groupId, idOf }) => {
    const other = cluster.members.find((member) => member !== victim) ?? victim;
    const base = { groupId, to: await idOf(victim), address: 'unix:/x' };
    const asOther = await speak(door, { ...base, from: await idOf(other), fromNode: 'intruder' }, []);
    t.regex(asOther?.sentence ?? 'it was taken', /intruder|node/);
    t.not(asOther?.code, 'INTERNAL');
    const misdirected = await speak(door, { ...base, from: await idOf(other), fromNode: other.nodeId, to: 77 }, []);
    t.regex(misdirected?.sentence ?? 'it was taken', /77/);
  });
});

test.serial('a stranger may speak, since it may have been added just now, but its calls for an election disturb nobody', async (t) => {
  await unmoved(t, async ({ door, groupId, victim, idOf }) => {
    const to = await idOf(victim);
    const { MSG_VOTE, MSG_PRE_VOTE } = RaftMessageType;
    const calls = [MSG_PRE_VOTE, MSG_VOTE].map((type) => message(type, 99, to, 1_000, { index: 1_000_000, logTerm: 999 }));
    await speak(
      door,
      { groupId, from: 99, fromNode: 'stranger', to, address: 'unix:/nowhere' },
      Array.from({ length: 50 }, () => calls),
    );
  });
});

test.serial('messages of an older term, thousands of them, change nothing', async (t) => {
  await unmoved(t, async ({ cluster, victim, door, groupId, idOf }) => {
    const other = cluster.members.find((member) => member !== victim) ?? victim;
    const [from, to] = [await idOf(other), await idOf(victim)];
    const hello = { groupId, from, fromNode: other.nodeId, to, address: other.options.peerListen };
    const { MSG_APP, MSG_APP_RESP, MSG_HEARTBEAT, MSG_VOTE, MSG_PRE_VOTE, MSG_READ_INDEX } = RaftMessageType;
    const old = [MSG_APP, MSG_APP_RESP, MSG_HEARTBEAT, MSG_VOTE, MSG_PRE_VOTE, MSG_READ_INDEX].map((type) => message(type, from, to, 1));
    // The term of these clusters' first leader is 1: older still is only 0, which no message has. So an election comes first.
    await speak(
      door,
      hello,
      Array.from({ length: 2_000 }, () => old),
    );
  });
});

test.serial('messages of an unknown kind, to somebody else, from somebody else', async (t) => {
  await unmoved(t, async ({ cluster, victim, door, groupId, idOf }) => {
    const other = cluster.members.find((member) => member !== victim) ?? victim;
    const [from, to] = [await idOf(other), await idOf(victim)];
    const hello = { groupId, from, fromNode: other.nodeId, to, address: other.options.peerListen };
    for (const strange of [
      message(RaftMessageType.RAFT_MESSAGE_UNKNOWN, from, to, 1),
      message(RaftMessageType.MSG_HEARTBEAT, from, 55, 1),
      message(RaftMessageType.MSG_HEARTBEAT, 55, to, 1_000),
    ]) {
      await speak(door, hello, [[strange]]);
    }
  });
});

test.serial('a message that is too large is refused', async (t) => {
  await unmoved(t, async ({ door }) => {
    const { code, details } = await sendHuge(door, 80 * 1024 * 1024);
    t.is(code, status.RESOURCE_EXHAUSTED, details);
  });
});
