import type { CallContext, Control as ControlService, Handlers } from '@tso/proto/rpc';
import { callerOf } from './caller.ts';
import { copyIn, copyOut } from './copy.ts';
import { exec } from './exec.ts';
import type { Forward } from './forward.ts';
import type { BuiltImages } from './images.ts';
import { type LogsPorts, logs } from './logs.ts';
import { type SignalPorts, signal } from './signal.ts';
import { stats } from './stats.ts';
import { top } from './top.ts';

export interface TaskStreamsPorts extends LogsPorts, SignalPorts {
  readonly images: Pick<BuiltImages, 'load'>;
}

/** The calls that speak with tasks and nodes: the agents are connected to the leader alone, so it serves them for all managers. */
export const taskStreamHandlers = (
  ports: TaskStreamsPorts,
  forward: Forward,
): Pick<Handlers<typeof ControlService>, 'logs' | 'exec' | 'stats' | 'top' | 'signal' | 'copyOut' | 'copyIn' | 'loadImage'> => ({
  logs: (request, context) =>
    forward.stream(context, {
      here: (signal) => logs(ports, request, signal),
      there: (control, options) => control.logs(request, options),
    }),
  stats: (request, context) =>
    forward.stream(context, {
      here: (signal) => stats(ports, request, signal),
      there: (control, options) => control.stats(request, options),
    }),
  top: (request, context) =>
    forward.unary(context, { here: (signal) => top(ports, request, signal), there: (control, options) => control.top(request, options) }),
  signal: (request, context) =>
    forward.deed(context, {
      here: (ended) => signal(ports, request, callerOf(context), ended),
      there: (control, options) => control.signal(request, options),
    }),
  copyOut: (request, context) =>
    forward.stream(context, {
      here: (signal) => copyOut(ports, request, signal),
      there: (control, options) => control.copyOut(request, options),
    }),
  exec: (requests, context: CallContext) =>
    forward.duplex(context, requests, {
      here: (incoming, signal) => exec(ports, incoming, signal),
      there: (control, options) => control.exec(options),
    }),
  copyIn: (requests, context: CallContext) =>
    forward.duplex(context, requests, {
      here: (incoming, signal) => copyIn(ports, incoming, signal),
      there: (control, options) => control.copyIn(options),
    }),
  loadImage: (requests, context: CallContext) =>
    forward.duplex(context, requests, {
      here: (incoming, signal) => ports.images.load(incoming, signal),
      there: (control, options) => control.loadImage(options),
    }),
});
