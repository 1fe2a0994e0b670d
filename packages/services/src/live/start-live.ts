import { createHmac, randomUUID } from 'node:crypto'

import { LIVE_KEEP_ALIVE_MS } from '@fieldsync/contracts'
import { type Database, listen, type ListenTiming, MAX_NOTICE_BYTES, sendNotices } from '@fieldsync/db'

import type { AuthenticatedActor } from '../core/context.ts'
import { authRequired, CredentialChanged, type ServiceError, unavailable } from '../core/service-error.ts'
import { LiveHub, type LiveLimits } from './live-hub.ts'
import type { LiveStream } from './live-stream.ts'
import { type Pace, Throttle } from './throttle.ts'

const CHANNEL = 'fieldsync_live'
const PACE: Pace = { everyMs: 50, retryMs: 1000 }

export type LiveOptions = {
  readonly db: Database
  /** Where to listen: the database's own address, since listening needs a session of its own. */
  readonly url: string
  readonly pepper: Buffer
  readonly limits: LiveLimits
  /** News of other servers arrives from now on. */
  readonly onHearing: () => void
  /** It does not, or no longer: until it does, clients get pokes for this process's own writes alone. */
  readonly onDeaf: (reason: unknown) => void
  /** How often everyone's rights are looked at without news, milliseconds; by default as often as streams are kept alive. */
  readonly reviewEveryMs?: number
  readonly listenTiming?: ListenTiming
}

/** The live pokes of one process (LIV rules). */
export type Live = AsyncDisposable & {
  /** Ends every stream with a hint to come again. */
  drain(): void
  /** Streams that are open. */
  readonly size: number
}

type Parts = { open(actor: AuthenticatedActor): LiveStream; changed(workspaceId: string): void }

const running = new WeakMap<Database, Parts>()

/** Starts telling connected callers of news, this process's own and that of others on the same database. */
export function startLive(options: LiveOptions): Live {
  const { db, url, pepper, limits, onHearing, onDeaf, reviewEveryMs = LIVE_KEEP_ALIVE_MS } = options
  const sender = randomUUID()
  const hub = new LiveHub(limits, (actors) => lostRights(db, actors), PACE)
  const review = setInterval(() => hub.review(), reviewEveryMs).unref()

  const waiting = new Set<string>()
  const notifyOthers = async (): Promise<void> => {
    const workspaceIds = [...waiting]
    waiting.clear()
    const tags = workspaceIds.map((workspaceId) => workspaceTag(pepper, workspaceId))
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

  running.set(db, {
    open: (actor) => hub.open(actor, workspaceTag(pepper, actor.workspaceId)),
    changed: (workspaceId) => {
      // A tag costs some 30 µs, which a busy workspace would pay for every write.
      if (hub.size > 0) hub.poke([workspaceTag(pepper, workspaceId)])
      waiting.add(workspaceId)
      notices.ask()
    },
  })
  return {
    drain: () => hub.drain(),
    get size() {
      return hub.size
    },
    [Symbol.asyncDispose]: async () => {
      running.delete(db)
      clearInterval(review)
      await Promise.all([hub.stop(), notices.stop(), listener[Symbol.asyncDispose]()])
      // The last writes before the end are news to the clients of other servers.
      if (waiting.size > 0) await notifyOthers().catch(() => undefined)
    },
  }
}

/**
 * Says that a write has moved a workspace's head. Called after its commit and never inside it: a NOTIFY would make
 * every commit of the cluster wait for its turn.
 */
export const noteChange = (db: Database, workspaceId: string): void => running.get(db)?.changed(workspaceId)

/** @throws ServiceError UNAVAILABLE where live pokes are not running, are full or are ending */
export function openLiveStream(db: Database, actor: AuthenticatedActor): LiveStream {
  const parts = running.get(db)
  if (!parts) throw unavailable('This server tells no news.')
  return parts.open(actor)
}

/** A workspace as servers name it to each other: every role of a database may listen to its notices, so never by id. */
export const workspaceTag = (pepper: Buffer, workspaceId: string): string =>
  createHmac('sha256', pepper).update(`live ${workspaceId}`).digest().subarray(0, 16).toString('base64url')

const KIND = 'changed'

/** What one server sends the others: these workspaces have something new. */
type ChangeNotice = { sender: string; tags: readonly string[] }

/** A notice as texts, each short enough to be sent; most of the time one. `sender` and tags hold no white space. */
export function noticeTexts({ sender, tags }: ChangeNotice): string[] {
  const texts: string[] = []
  let text = ''
  for (const tag of tags) {
    // All ASCII, so a character is a byte.
    if (text !== '' && text.length + 1 + tag.length > MAX_NOTICE_BYTES) {
      texts.push(text)
      text = ''
    }
    text = text === '' ? `${KIND} ${sender} ${tag}` : `${text} ${tag}`
  }
  return text === '' ? texts : [...texts, text]
}

/** Undefined for what another version of the server says. */
export function readNotice(text: string): ChangeNotice | undefined {
  const [kind, sender, ...tags] = text.split(' ')
  return kind === KIND && sender !== undefined ? { sender, tags } : undefined
}

type AccessState = { place: number; epoch: number; revoked: boolean }

const STANDINGS = `SELECT c.place::int - 1 AS place, d.epoch, d.revoked_at IS NOT NULL AS revoked
  FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS c(workspace_id, device_id, place)
  JOIN devices d ON d.workspace_id = c.workspace_id AND d.device_id = c.device_id`

/**
 * What ends each of these callers' connections now, in their order; undefined for those whose rights are still as
 * they were when they connected. One statement, however many they are.
 */
async function lostRights(
  db: Database,
  actors: readonly AuthenticatedActor[],
): Promise<(ServiceError | undefined)[]> {
  const { rows } = await db.pool.query<AccessState>({
    name: 'standings',
    text: STANDINGS,
    values: [actors.map(({ workspaceId }) => workspaceId), actors.map(({ deviceId }) => deviceId)],
  })
  const accessStates = new Map(rows.map((row) => [row.place, row]))
  return actors.map((actor, place) => lost(actor, accessStates.get(place)))
}

function lost(actor: AuthenticatedActor, accessState: AccessState | undefined): ServiceError | undefined {
  if (!accessState) return authRequired('invalid', 'This device is not known here any more.')
  if (accessState.revoked) return authRequired('revoked', 'This device was revoked; enroll it again.')
  // Connecting again is decided by the new rights.
  return accessState.epoch === actor.epoch ? undefined : new CredentialChanged()
}
