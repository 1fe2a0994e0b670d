import { z } from 'zod'

import type { Scope } from '../oauth.ts'
import { NoInput } from './inputs.ts'
import type { OperationRight } from './operation.ts'

/** A live stream is never silent for longer than this: the server sends keep-alives (LIV-4). */
export const LIVE_KEEP_ALIVE_MS = 20_000
/** A live stream that is silent for this long is dead, whatever its TCP state: reconnect (LIV-4). */
export const LIVE_SILENCE_MS = 60_000

/** The server's message that there is something new in the workspace. It carries no data: pull to get it. */
export const LivePokeEvent = z.object({ type: z.literal('poke') })
export type LivePokeEvent = z.infer<typeof LivePokeEvent>

/** Something a client can stay connected to: a tRPC subscription, sent as server-sent events. */
export type Subscription = {
  summary: string
  right: OperationRight
  /** An access token needs one of these scopes (ACC-19). */
  scopes: readonly Scope[]
  input: z.ZodObject
  /** The data of one event. */
  event: z.ZodType
}

/** Every subscription by its tRPC path; there is no REST counterpart. */
export const SUBSCRIPTIONS = {
  'sync.live': {
    summary: 'Be notified when there is something new to pull',
    right: 'sync',
    scopes: ['sync', 'read'],
    input: NoInput,
    event: LivePokeEvent,
  },
} as const satisfies Record<string, Subscription>

export type SubscriptionName = keyof typeof SUBSCRIPTIONS
