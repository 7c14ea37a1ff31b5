import { connect } from 'node:net';
import { TsoError } from '@tso/proto';
import type { Context } from './context.ts';

/** FAILED_PRECONDITION: a daemon elsewhere is spoken to, and only a host's own socket knows of the host itself. */
export const requireLocal = ({ remote }: Context): void => {
  if (remote === undefined) return;
  const where = remote.hosts === undefined ? `context ${remote.name}` : `--host ${remote.hosts}`;
  throw new TsoError(
    'FAILED_PRECONDITION',
    `${where} is a cluster on other machines; this is about a host itself, which only its own socket answers for`,
    {
      hint: 'Run it on that host, or for this one with --context default.',
      details: { reason: 'remote' },
    },
  );
};

/** Why nobody answers on the socket, from the errno of an attempt to connect, as a failure that says what to do. */
export const unreachableError = (context: Context, errno: string | undefined, uid: number, cause?: unknown): TsoError => {
  const { socket } = context;
  if (errno === 'EACCES' || errno === 'EPERM') {
    return new TsoError('PERMISSION_DENIED', `you may not open the daemon's socket ${socket}`, {
      hint: 'Use sudo, or let root add you to the group tso.',
      cause,
    });
  }
  const dirs = [
    ...(context.runDir === '/run/tso' ? [] : [` --run-dir ${context.runDir}`]),
    ...(context.dataDir === '/var/lib/tso' ? [] : [` --data-dir ${context.dataDir}`]),
  ].join('');
  const start = context.explicitHost ? 'Check --host (TSO_HOST).' : `Start it: ${uid === 0 ? '' : 'sudo '}tso daemon${dirs}`;
  if (errno === 'ECONNRESET' || errno === 'EPIPE') {
    return new TsoError('UNAVAILABLE', `the daemon at ${socket} ended the connection before it answered`, {
      hint: 'What became of the request is not known. Its log says why: journalctl -u tsod, or tsod.log in its data directory.',
      cause,
      details: { socket, errno, outcome: 'unknown' },
    });
  }
  const why = errno === 'ENOENT' ? 'there is no such socket' : errno === 'ECONNREFUSED' ? 'nobody listens there' : 'it does not answer';
  return new TsoError('UNAVAILABLE', `cannot reach the daemon at ${socket}: ${why}`, {
    hint: start,
    cause,
    details: { socket, ...(errno === undefined ? {} : { errno }) },
  });
};

/** The errno that connecting fails with, or undefined when someone listens. */
export const probeSocket = (path: string): Promise<string | undefined> =>
  new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(undefined);
    });
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? 'EIO'));
  });
