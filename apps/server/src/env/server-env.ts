import { availableParallelism } from 'node:os'

import type { ProviderConfig } from '@fieldsync/identity'
import { z } from 'zod'

import {
  checkDatabaseVariables,
  type DatabaseEnv,
  databaseEnvOf,
  DatabaseVariables,
  SECRET_VARIABLES,
} from './database-env.ts'
import { type ConfiguredDevice, deviceTokens } from './device-tokens.ts'
import { checkOidcVariables, OidcVariables, providerOf } from './oidc-env.ts'
import { type Environment, type EnvIssue, readVariables } from './read-variables.ts'
import { type TracingEnv, tracingOf, TracingVariables } from './tracing-env.ts'
import { corsOrigins, publicUrl, trustProxy, wholeNumber } from './variables.ts'
import { checkWeatherVariables, type WeatherEnv, weatherEnvOf, WeatherVariables } from './weather-env.ts'

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const
const COMMIT_SCOPES = ['all', 'workspace'] as const
const LOG_FORMATS = ['auto', 'json', 'pretty'] as const
const MiB = 1024 * 1024

const oneOf = <const T extends readonly [string, ...string[]]>(values: T) =>
  z.enum(values, { error: `must be one of ${values.join(', ')}` })

/** Beyond, the database and the main process are busy long before. */
const MOST_WORKERS = 128

const hostName = z.string().regex(/^[\w.:%-]+$/, 'must be a host name or an address such as 127.0.0.1')

const ServerVariables = DatabaseVariables.extend({
  ...OidcVariables.shape,
  ...WeatherVariables.shape,
  ...TracingVariables.shape,
  PORT: wholeNumber(0, 65_535).default(8787),
  HOST: hostName.default('127.0.0.1'),
  WORKERS: z
    .string()
    .refine(
      (text) => text === 'auto' || (/^[1-9]\d{0,2}$/.test(text) && Number(text) <= MOST_WORKERS),
      `must be a whole number from 1 to ${MOST_WORKERS}, or auto`,
    )
    .transform((text) => (text === 'auto' ? Math.min(MOST_WORKERS, availableParallelism()) : Number(text)))
    .default(1),
  PUBLIC_URL: publicUrl.optional(),
  TRUST_PROXY: trustProxy.optional(),
  CORS_ORIGINS: corsOrigins.optional(),
  DEVICE_TOKENS: deviceTokens.optional(),
  LOG_LEVEL: oneOf(LOG_LEVELS).default('info'),
  LOG_FORMAT: oneOf(LOG_FORMATS).default('auto'),
  MAX_BODY_BYTES: wholeNumber(1024, 256 * MiB).default(8 * MiB),
  MAX_RECORDS: wholeNumber(1, 10_000).default(1000),
  RATE_LIMIT_PER_MINUTE: z
    .string()
    .refine(
      (text) => text === 'off' || /^[1-9]\d{0,8}$/.test(text),
      'must be a whole number of at least 1, or off',
    )
    .transform((text) => (text === 'off' ? ('off' as const) : Number(text)))
    .default(1200),
  LIVE_MAX_STREAMS: wholeNumber(0, 100_000).default(5000),
  LIVE_STREAMS_PER_DEVICE: wholeNumber(1, 1000).default(5),
  CHECKPOINT_EVERY_MINUTES: wholeNumber(0, 10_080).default(15),
  JOB_CONCURRENCY: wholeNumber(0, 16).default(1),
  COMMIT_GROUP: oneOf(COMMIT_SCOPES).default('all'),
  DRAIN_TIMEOUT_MS: wholeNumber(0, 600_000).default(10_000),
  METRICS_PORT: wholeNumber(0, 65_535).optional(),
  METRICS_HOST: hostName.default('127.0.0.1'),
  METRICS_TOKEN: z
    .string()
    .regex(/^[\x21-\x7e]{16,}$/, 'must be at least 16 visible ASCII characters')
    .optional(),
})

/** The names of all variables that the server reads. */
export const SERVER_VARIABLES: ReadonlySet<string> = new Set(Object.keys(ServerVariables.shape))

/** The whole configuration of the server. */
export type ServerEnv = {
  readonly database: DatabaseEnv
  readonly port: number
  readonly host: string
  /** Processes that answer requests; 1: this one alone (RUN-54). */
  readonly workers: number
  readonly publicUrl: string | undefined
  readonly trustProxy: number | string[] | undefined
  /** Origins whose pages may call this server from another address; none by default. */
  readonly corsOrigins: readonly string[]
  readonly deviceTokens: readonly ConfiguredDevice[]
  readonly logLevel: (typeof LOG_LEVELS)[number]
  readonly logFormat: (typeof LOG_FORMATS)[number]
  readonly limits: { readonly maxBytes: number; readonly maxRecords: number }
  /** Per device; undefined for no limit. */
  readonly rateLimitPerMinute: number | undefined
  readonly live: { readonly perServer: number; readonly perDevice: number }
  /** 0: this server writes none. */
  readonly checkpointEveryMinutes: number
  /** Background jobs at the same time; 0: this server does none. */
  readonly jobConcurrency: number
  /** Which writes share transactions. */
  readonly commitScope: (typeof COMMIT_SCOPES)[number]
  readonly drainTimeoutMs: number
  /** Where metrics are served; undefined for nowhere. */
  readonly metrics: MetricsEnv | undefined
  /** Undefined: nothing is traced. */
  readonly tracing: TracingEnv | undefined
  /** The organization's own, by which people sign in; undefined for passwords alone. */
  readonly provider: ProviderConfig | undefined
  /** Undefined: this server asks no weather service. */
  readonly weather: WeatherEnv | undefined
}

/** On a port of their own, or without one behind a token on the server's. */
export type MetricsEnv = {
  readonly listen: { readonly host: string; readonly port: number } | undefined
  readonly token: string | undefined
}

function metricsOf({
  METRICS_HOST: host,
  METRICS_PORT: port,
  METRICS_TOKEN: token,
}: z.infer<typeof ServerVariables>): MetricsEnv | undefined {
  if (port === undefined && token === undefined) return undefined
  return { listen: port === undefined ? undefined : { host, port }, token }
}

const checkVariables = (values: z.infer<typeof ServerVariables>): EnvIssue[] => [
  ...checkDatabaseVariables(values),
  ...checkOidcVariables(values),
  ...checkWeatherVariables(values),
]

/**
 * Reads and checks the environment, once, at start (RUN-1).
 * @throws EnvError naming every bad variable, and no secret.
 */
export function readServerEnv(environment: Environment): ServerEnv {
  const options = { secret: SECRET_VARIABLES, check: checkVariables }
  const values = readVariables(ServerVariables, environment, options)
  return {
    database: databaseEnvOf(values),
    port: values.PORT,
    host: values.HOST,
    workers: values.WORKERS,
    publicUrl: values.PUBLIC_URL,
    trustProxy: values.TRUST_PROXY,
    corsOrigins: values.CORS_ORIGINS ?? [],
    deviceTokens: values.DEVICE_TOKENS ?? [],
    logLevel: values.LOG_LEVEL,
    logFormat: values.LOG_FORMAT,
    limits: { maxBytes: values.MAX_BODY_BYTES, maxRecords: values.MAX_RECORDS },
    rateLimitPerMinute: values.RATE_LIMIT_PER_MINUTE === 'off' ? undefined : values.RATE_LIMIT_PER_MINUTE,
    live: { perServer: values.LIVE_MAX_STREAMS, perDevice: values.LIVE_STREAMS_PER_DEVICE },
    checkpointEveryMinutes: values.CHECKPOINT_EVERY_MINUTES,
    jobConcurrency: values.JOB_CONCURRENCY,
    commitScope: values.COMMIT_GROUP,
    drainTimeoutMs: values.DRAIN_TIMEOUT_MS,
    metrics: metricsOf(values),
    tracing: tracingOf(values),
    provider: providerOf(values),
    weather: weatherEnvOf(values),
  }
}
