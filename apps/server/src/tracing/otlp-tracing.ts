import type { IncomingMessage } from 'node:http'

import { finishedCalls, requestState, traceRequest } from '@fieldsync/api'
import { ServiceError, type Span } from '@fieldsync/services'
import {
  type Context,
  ROOT_CONTEXT,
  type Span as OtlpSpan,
  SpanKind,
  SpanStatusCode,
  trace,
  type Tracer,
} from '@opentelemetry/api'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { defaultResource, detectResources, envDetector } from '@opentelemetry/resources'
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  BatchSpanProcessor,
  ParentBasedSampler,
  type Sampler,
  type SpanExporter,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace'

import type { TracingEnv } from '../env/tracing-env.ts'
import type { FinishedRequest } from '../http/watch-requests.ts'

/** The spans of requests; disposing sends what waits. */
export type Tracing = AsyncDisposable & {
  /** Before anything else of the request. */
  readonly begin: (request: IncomingMessage) => void
  readonly finished: (finished: FinishedRequest) => void
}

/**
 * Spans of requests, sent by OTLP to where `OTEL_EXPORTER_OTLP_ENDPOINT` says (MON-9). No provider is registered globally:
 * libraries that would trace by themselves, with what they please as attributes, find none.
 * @param onExport learns whether each export worked
 */
export function otlpTracing(
  env: TracingEnv,
  version: string,
  onExport: (failure: Error | undefined) => void,
): Tracing {
  const resource = defaultResource().merge(detectResources({ detectors: [envDetector] }))
  const provider = new TracerProvider({
    resource,
    sampler: samplerOf(env),
    spanProcessors: [
      new BatchSpanProcessor({
        exporter: watched(new OTLPTraceExporter({ headers: env.headers }), onExport),
      }),
    ],
  })
  const tracer = provider.getTracer('fieldsync', version)
  return {
    begin: (request) =>
      traceRequest(request, (traceparent) => {
        const parent = traceparent === undefined ? ROOT_CONTEXT : contextOf(traceparent)
        const span = tracer.startSpan('request', { kind: SpanKind.SERVER }, parent)
        return { span: new TracedSpan(tracer, span, parent), traceId: span.spanContext().traceId }
      }),
    finished: ({ request, response }) => {
      const { span, workspaceId, deviceId, failures } = requestState(request)
      const calls = finishedCalls(request, response)
      const operation = calls.map((call) => call.operation).join(',')
      span?.rename(operation)
      span?.set({
        'fieldsync.operation': operation,
        'fieldsync.outcome': calls.map((call) => call.outcome).join(','),
        'http.request.method': request.method ?? '',
        'http.response.status_code': response.statusCode,
        ...(workspaceId === undefined ? {} : { 'fieldsync.workspace': workspaceId }),
        ...(deviceId === undefined ? {} : { 'fieldsync.device': deviceId }),
      })
      span?.end(failures[0]?.code)
    },
    [Symbol.asyncDispose]: () => provider.shutdown(),
  }
}

/** A span of the SDK as the packages below know it. */
class TracedSpan implements Span {
  readonly #tracer: Tracer
  readonly #span: OtlpSpan
  readonly #context: Context
  #ended = false

  constructor(tracer: Tracer, span: OtlpSpan, parent: Context) {
    this.#tracer = tracer
    this.#span = span
    this.#context = trace.setSpan(parent, span)
  }

  child(name: string): Span {
    return new TracedSpan(this.#tracer, this.#tracer.startSpan(name, {}, this.#context), this.#context)
  }

  rename(name: string): void {
    this.#span.updateName(name)
  }

  set(attributes: Readonly<Record<string, string | number>>): void {
    this.#span.setAttributes(attributes)
  }

  end(error?: unknown): void {
    if (this.#ended) return
    this.#ended = true
    // Never a message: one of the database may quote the text of a record.
    if (error !== undefined) this.#span.setStatus({ code: SpanStatusCode.ERROR, message: kindOf(error) })
    this.#span.end()
  }
}

function kindOf(error: unknown): string {
  if (error instanceof ServiceError) return error.code
  return typeof error === 'string' ? error : error instanceof Error ? error.name : 'error'
}

/** The context of a valid `traceparent` (W3C Trace Context). */
function contextOf(traceparent: string): Context {
  const [, traceId = '', spanId = '', flags = ''] = traceparent.split('-')
  const traceFlags = Number.parseInt(flags, 16) & 1
  return trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId, traceFlags, isRemote: true })
}

function samplerOf({ sampler, ratio }: TracingEnv): Sampler {
  switch (sampler) {
    case 'always_on':
      return new AlwaysOnSampler()
    case 'always_off':
      return new AlwaysOffSampler()
    case 'traceidratio':
      return new TraceIdRatioBasedSampler(ratio)
    case 'parentbased_always_on':
      return new ParentBasedSampler({ root: new AlwaysOnSampler() })
    case 'parentbased_always_off':
      return new ParentBasedSampler({ root: new AlwaysOffSampler() })
    case 'parentbased_traceidratio':
      return new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(ratio) })
  }
}

/** The SDK says nowhere that a collector is away. */
const watched = (exporter: SpanExporter, onExport: (failure: Error | undefined) => void): SpanExporter => ({
  export: (spans, done) =>
    exporter.export(spans, (result) => {
      onExport(result.error)
      done(result)
    }),
  forceFlush: async () => await exporter.forceFlush?.(),
  shutdown: () => exporter.shutdown(),
})
