import type { AddressInfo } from 'node:net'

import type { RateVerdict } from '@fieldsync/api'
import type { CheckpointNews, KnownNonce, NotReady, ProofUse, ServerCondition } from '@fieldsync/services'

import type { ServerEnv } from '../env/server-env.ts'
import type { MetricSnapshot } from '../metrics/process-metrics.ts'

/** The PostgreSQL that this server has started, for a worker that outlives its main process. */
export type RunningPostgres = { readonly pid: number; readonly dataDir: string }

/** What every worker of a server begins with. Bytes are in base64. */
export type WorkerStart = {
  readonly env: ServerEnv
  /** From 1; a worker that takes the place of another has its number. */
  readonly number: number
  readonly pepper: string
  readonly previousPepper: string | undefined
  readonly verifierKey: string
}

/** What a worker needs to answer requests: a database that is ready. */
export type Serving = {
  readonly appUrl: string
  /** The server's address for a person on this machine. */
  readonly address: string
  readonly checkpoints: CheckpointNews
}

/** The condition of a process, or of all of them. */
export type Condition =
  | ({ readonly canWrite: true } & ServerCondition)
  | { readonly canWrite: false; readonly message: string; readonly reason: string }

/** What the main process asks of a worker. */
export type WorkerCalls = {
  /** @returns where it listens, or why it cannot */
  listen: (at: { host: string; port: number }) => Promise<{ address: AddressInfo } | { refused: string }>
  /** Opens the database and answers requests from now on. */
  serve: (serving: Serving) => Promise<void>
  condition: (input: null) => Promise<Condition>
  metrics: (input: null) => Promise<readonly MetricSnapshot[]>
  /** A later stream of its device has taken the place of this one. */
  replaced: (stream: number) => void
  checkpoints: (news: CheckpointNews) => void
  /** An admin has acknowledged what contradicted the chain of this workspace. */
  acknowledged: (workspaceId: string) => void
  postgres: (running: RunningPostgres) => void
  /** Finishes what is under way, then ends the process. @returns how many connections were cut */
  drain: (input: null) => Promise<number>
}

/** What a worker asks of the main process. */
export type MainCalls = {
  start: (input: null) => WorkerStart
  spend: (input: { key: string; points: number }) => RateVerdict | Promise<RateVerdict>
  useProof: (input: { period: KnownNonce; id: string }) => ProofUse
  /** A place for a stream, which the worker numbers. @returns whether there is one */
  takePlace: (input: { device: string; stream: number }) => boolean
  givePlaceBack: (stream: number) => void
  condition: (input: null) => Promise<Condition>
  readiness: (input: null) => Promise<{ reason: NotReady['reason'] | 'starting' | 'draining' } | null>
  metrics: (input: null) => Promise<string>
  acknowledged: (workspaceId: string) => void
}
