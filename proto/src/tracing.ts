import type { Span } from '@opentelemetry/api';

/** What one span is begun with. */
export interface SpanWish {
  readonly name: string;
  readonly kind: 'server' | 'internal';
  readonly attributes?: Readonly<Record<string, string | number>>;
  /** W3C `traceparent` of whoever asked for it; undefined: a trace of its own. */
  readonly parent?: string | undefined;
}

export interface OpenSpan {
  /** W3C `traceparent` for what is done on its behalf; undefined: it is not recorded. */
  readonly traceparent: string | undefined;
  /** @param error what it failed with, one sentence; absent: it did not */
  end(error?: string): void;
}

/** Traces as OpenTelemetry knows them: nothing, unless an endpoint is configured. */
export interface Tracing {
  begin(wish: SpanWish): OpenSpan;
  /** Sends what waits; bounded in time. */
  stop(): Promise<void>;
}

export interface TracingOptions {
  /** As the specification names it: tso-manager, tso-agent. */
  readonly service: string;
  readonly version: string;
  readonly nodeId: string;
  /** The environment variables that the OpenTelemetry specification names. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

const unrecorded: OpenSpan = { traceparent: undefined, end: () => undefined };

export const noTracing: Tracing = { begin: () => unrecorded, stop: async () => undefined };

/** OTLP/HTTP puts traces behind a general endpoint at a path of their own (OpenTelemetry specification, OTLP exporter). */
export const tracesUrl = (env: TracingOptions['env']): string | undefined => {
  if (env.OTEL_SDK_DISABLED === 'true') return undefined;
  const own = env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT;
  if (own) return own;
  const general = env.OTEL_EXPORTER_OTLP_ENDPOINT;
  return general ? `${general.replace(/\/+$/, '')}/v1/traces` : undefined;
};

interface Parent {
  readonly traceId: string;
  readonly spanId: string;
  readonly traceFlags: number;
}

const parentPattern = /^00-(?<traceId>[0-9a-f]{32})-(?<spanId>[0-9a-f]{16})-(?<flags>[0-9a-f]{2})$/;

/** The parts of a `traceparent` (W3C Trace Context, 3.2); undefined: it is none, or names nothing. */
export const parseTraceparent = (text: string | undefined): Parent | undefined => {
  const groups = parentPattern.exec(text ?? '')?.groups;
  if (groups === undefined) return undefined;
  const { traceId = '', spanId = '', flags = '' } = groups;
  if (/^0+$/.test(traceId) || /^0+$/.test(spanId)) return undefined;
  return { traceId, spanId, traceFlags: Number.parseInt(flags, 16) };
};

const traceparentOf = (span: Span): string => {
  const { traceId, spanId, traceFlags } = span.spanContext();
  return `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`;
};

const stopMs = 1_000;

/**
 * Tracing to the endpoint that the environment names (OTEL_EXPORTER_OTLP_ENDPOINT or OTEL_EXPORTER_OTLP_TRACES_ENDPOINT; OTLP over HTTP),
 * or none. The libraries are loaded only then. A collector that cannot be reached costs spans, nothing else.
 */
export const startTracing = async ({ service, version, nodeId, env }: TracingOptions): Promise<Tracing> => {
  const url = tracesUrl(env);
  if (url === undefined) return noTracing;
  const [api, sdk, exporter, resources] = await Promise.all([
    import('@opentelemetry/api'),
    import('@opentelemetry/sdk-trace'),
    import('@opentelemetry/exporter-trace-otlp-http'),
    import('@opentelemetry/resources'),
  ]);
  const provider = new sdk.TracerProvider({
    resource: resources.resourceFromAttributes({
      'service.name': env.OTEL_SERVICE_NAME || service,
      'service.version': version,
      'service.instance.id': nodeId,
    }),
    spanProcessors: [new sdk.BatchSpanProcessor({ exporter: new exporter.OTLPTraceExporter({ url }), scheduledDelayMillis: 1_000 })],
  });
  const tracer = provider.getTracer(service, version);
  const contextOf = (parent: string | undefined) => {
    const parsed = parseTraceparent(parent);
    return parsed === undefined ? api.ROOT_CONTEXT : api.trace.setSpanContext(api.ROOT_CONTEXT, { ...parsed, isRemote: true });
  };
  return {
    begin: ({ name, kind, attributes = {}, parent }) => {
      const spanKind = kind === 'server' ? api.SpanKind.SERVER : api.SpanKind.INTERNAL;
      const span = tracer.startSpan(name, { kind: spanKind, attributes }, contextOf(parent));
      return {
        traceparent: traceparentOf(span),
        end: (error) => {
          if (error !== undefined) span.setStatus({ code: api.SpanStatusCode.ERROR, message: error });
          span.end();
        },
      };
    },
    stop: async () => {
      const late = new Promise<void>((resolve) => setTimeout(resolve, stopMs).unref());
      await Promise.race([provider.shutdown().catch(() => undefined), late]); // A collector that is away must not keep anybody.
    },
  };
};
