// A member in a process of its own, which answers what it is sent. Its argument is its MemberOptions as JSON.
import { message } from '../../../core/index.ts';
import { type MemberOptions, startMember } from './member.ts';

const options = JSON.parse(process.argv[2] ?? '{}') as MemberOptions;
const member = await startMember(options);
const { owner, transport } = member;
owner.onReceive = ({ type, from, to, context, index, term }) => {
  owner.received.length = 0;
  const answer = type === 'MsgHeartbeat' ? 'MsgHeartbeatResp' : type === 'MsgApp' ? 'MsgAppResp' : undefined;
  if (answer !== undefined) transport.send([message(answer, { from: to, to: from, context, index, term })]);
  return { accepted: true };
};
owner.onPropose = async (command) => {
  // A command of no bytes is one that is never done.
  if (command.length === 0) await new Promise<void>(() => undefined);
  return { index: command.length };
};
process.on('SIGTERM', () => void member.stop().then(() => process.exit(0)));
process.stdout.write('up\n');
