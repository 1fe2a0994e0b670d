import { randomUUID } from 'node:crypto'

import { LIVE_KEEP_ALIVE_MS } from '@fieldsync/contracts'
import { type Database, listen, type ListenOptions, type ListenTiming, sendNotices } from '@fieldsync/db'

import type { AuthenticatedActor } from '../core/actor.ts'
import { type Clock, systemClock } from '../core/context.ts'
import type { Live, Runtime } from '../core/runtime.ts'
import { authRequired, CredentialChanged, type ServiceError, tokenRefused } from '../core/service-error.ts'
import { deviceKey, LiveHub } from './live-hub.ts'
import type { LiveStream } from './live-stream.ts'
import { noticeTexts, readNotice, workspaceTag } from './notification-text.ts'
import { type LiveLimits, replaced } from './stream-places.ts'
import { type Pace, Throttle } from './throttle.ts'

const CHANNEL = 'fieldsync_live'
const PACE: Pace = { everyMs: 50, retryMs: 1000 }

/** The places for streams of a server that this process is one of (RUN-55). */
export type SharedPlaces = {
  /**
   * As `StreamPlaces.take`.
   * @throws ServiceError UNAVAILABLE
   */
  take(device: string, onReplaced: () => void): Promise<() => void>
}

export type LiveOptions = {
  /** Where to listen: the database's own address, since listening needs a session of its own. */
  readonly url: ListenOptions['url']
  /** Of this process, or where the places of all processes of its server are. */
  readonly limits: LiveLimits | SharedPlaces
  /** News of other servers arrives from now on. */
  readonly onHearing: () => void
  /** It does not, or no longer: until it does, clients get pokes for this process's own writes alone. */
  readonly onDeaf: (reason: unknown) => void
  /** How often everyone's rights are looked at without news, milliseconds; by default as often as streams are kept alive. */
  readonly reviewEveryMs?: number
  readonly listenTiming?: ListenTiming
  readonly clock?: Clock
}

/** Starts to poke connected callers, for writes of this process and of others on the same database. */
export function startLive(runtime: Runtime, options: LiveOptions): Live {
  const { db, pepper, peppers } = runtime
  const { url, limits, onHearing, onDeaf, reviewEveryMs = LIVE_KEEP_ALIVE_MS, clock = systemClock } = options
  const sender = randomUUID()
  const places = 'take' in limits ? limits : undefined
  const hub = new LiveHub(
    'take' in limits ? undefined : limits,
    (actors) => lostRights({ db, clock }, actors),
    PACE,
  )
  const review = setInterval(() => hub.review(), reviewEveryMs).unref()

  const waiting = new Set<string>()
  const notifyOthers = async (): Promise<void> => {
    const workspaceIds = [...waiting]
    waiting.clear()
    // A server that has the previous pepper still listens for the tags of that one.
    const tags = workspaceIds.flatMap((workspaceId) => peppers.map((each) => workspaceTag(each, workspaceId)))
    try {
      await sendNotices(db.pool, CHANNEL, noticeTexts({ sender, tags }))
    } catch (error) {
      for (const workspaceId of workspaceIds) waiting.add(workspaceId)
      throw error
    }
  }
  const notices = new Throttle(notifyOthers, PACE)

  const listener = listen({
    url,
    sender: db.pool,
    channel: CHANNEL,
    timing: options.listenTiming,
    onDeaf,
    onHearing: () => {
      // What others said before was said to nobody.
      hub.pokeAll()
      onHearing()
    },
    onNotice: (text) => {
      const notice = readNotice(text)
      if (notice && notice.sender !== sender) hub.poke(notice.tags)
    },
  })

  const live: Live = {
    open: (actor) => {
      const tag = workspaceTag(pepper, actor.workspaceId)
      return places ? openWithPlace(hub, places, actor, tag) : hub.open(actor, tag)
    },
    changed: (workspaceId) => {
      // A tag costs some 30 µs, which a busy workspace would pay for every write.
      if (hub.size > 0) hub.poke([workspaceTag(pepper, workspaceId)])
      waiting.add(workspaceId)
      notices.ask()
    },
    drain: () => hub.drain(),
    get size() {
      return hub.size
    },
    get indexed() {
      return hub.indexed
    },
    [Symbol.asyncDispose]: async () => {
      runtime.live = undefined
      clearInterval(review)
      await Promise.all([hub.stop(), notices.stop(), listener[Symbol.asyncDispose]()])
      // The last writes before the end are news to the clients of other servers.
      if (waiting.size > 0) await notifyOthers().catch(() => undefined)
    },
  }
  runtime.live = live
  return live
}

async function openWithPlace(
  hub: LiveHub,
  places: SharedPlaces,
  actor: AuthenticatedActor,
  tag: string,
): Promise<LiveStream> {
  let stream: LiveStream | undefined
  let isReplaced = false
  const giveBack = await places.take(deviceKey(actor), () => {
    isReplaced = true
    stream?.end(replaced())
  })
  try {
    stream = hub.open(actor, tag, giveBack)
  } catch (error) {
    giveBack()
    throw error
  }
  if (isReplaced) stream.end(replaced())
  return stream
}

type AccessState = {
  place: number
  epoch: number
  revoked: boolean
  signedOut: boolean
  tokensRefusedFrom: Date | null
}

const STANDINGS = `SELECT c.place::int - 1 AS place, d.epoch, d.revoked_at IS NOT NULL AS revoked,
    c.session_id IS NOT NULL AND NOT EXISTS (SELECT FROM person_sessions p WHERE p.id = c.session_id) AS "signedOut",
    s.tokens_refused_from AS "tokensRefusedFrom"
  FROM unnest($1::text[], $2::text[], $3::text[]) WITH ORDINALITY AS c(workspace_id, device_id, session_id, place)
  JOIN devices d ON d.workspace_id = c.workspace_id AND d.device_id = c.device_id
  LEFT JOIN workspace_settings s ON s.workspace_id = c.workspace_id`

/**
 * What ends each of these callers' connections now, in their order; undefined for those whose rights are still as
 * they were when they connected. One statement, however many they are.
 */
async function lostRights(
  { db, clock }: { db: Database; clock: Clock },
  actors: readonly AuthenticatedActor[],
): Promise<(ServiceError | undefined)[]> {
  const { rows } = await db.pool.query<AccessState>({
    name: 'standings',
    text: STANDINGS,
    values: [
      actors.map(({ workspaceId }) => workspaceId),
      actors.map(({ deviceId }) => deviceId),
      actors.map(({ session }) => session?.sessionId ?? null),
    ],
  })
  const accessStates = new Map(rows.map((row) => [row.place, row]))
  const now = clock.now()
  return actors.map((actor, place) => lost(actor, accessStates.get(place), now))
}

function lost(
  actor: AuthenticatedActor,
  accessState: AccessState | undefined,
  now: Date,
): ServiceError | undefined {
  if (!accessState) return authRequired('invalid', 'This device is not known here any more.')
  if (accessState.revoked) return authRequired('revoked', 'This device was revoked; enroll it again.')
  if (accessState.signedOut) return authRequired('invalid', 'This session has ended; sign in again.')
  const { tokensRefusedFrom } = accessState
  if (actor.kind !== 'user' && !actor.scopes && tokensRefusedFrom && tokensRefusedFrom <= now)
    return tokenRefused()
  // Connecting again is decided by the new rights.
  return accessState.epoch === actor.epoch ? undefined : new CredentialChanged()
}
