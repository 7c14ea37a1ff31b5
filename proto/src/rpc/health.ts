import { TsoError } from '../errors.ts';
import { type HealthCheckResponse, ServingStatus } from '../gen/types.ts';
import type { Health } from './health-methods.ts';
import type { Handlers } from './service-implementation.ts';

/** What a process says about itself. */
export interface HealthSource {
  /** Undefined: there is no such service. The empty name is the whole process. */
  isServing(service: string): boolean | undefined;
  /** Calls the listener whenever an answer may have become another one; the function that it returns ends that. */
  onChange(listener: () => void): () => void;
}

const statusOf = (serving: boolean | undefined): ServingStatus =>
  serving === undefined ? ServingStatus.SERVICE_UNKNOWN : serving ? ServingStatus.SERVING : ServingStatus.NOT_SERVING;

/** Answers now, and then each time the answer is another one, until the caller has gone. */
async function* watch(source: HealthSource, service: string, signal: AbortSignal): AsyncGenerator<HealthCheckResponse> {
  let wake: () => void = () => undefined;
  const woken = () => wake();
  const forget = source.onChange(woken);
  signal.addEventListener('abort', woken, { once: true });
  try {
    let said: ServingStatus | undefined;
    while (!signal.aborted) {
      const changed = new Promise<void>((resolve) => {
        wake = resolve;
      });
      const status = statusOf(source.isServing(service));
      if (status === said) {
        await changed;
      } else {
        said = status;
        yield { status };
      }
    }
  } finally {
    forget();
    signal.removeEventListener('abort', woken);
  }
}

/** NOT_FOUND: a service that the source does not know is asked for, as the standard wants it; who watches it is told so, and when it comes. */
export const healthHandlers = (source: HealthSource): Handlers<typeof Health> => ({
  check: async ({ service }) => {
    const serving = source.isServing(service);
    if (serving === undefined) throw new TsoError('NOT_FOUND', `there is no service ${service}`);
    return { status: statusOf(serving) };
  },
  watch: ({ service }, { signal }) => watch(source, service, signal),
});
