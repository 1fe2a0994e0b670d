import {
  type AdminContext,
  foldStoredNotes,
  indexAllAudits,
  listAdminTokens,
  type LiveLimits,
  pruneExpired,
  type Runtime,
  type SharedPlaces,
  startLive,
  usePreviousPepper,
} from '@fieldsync/services'
import type { Logger } from 'pino'

import { messageOf } from '../log/error-fields.ts'
import { SecretError } from '../secrets/secret-file.ts'
import { inRounds } from './rounds.ts'

/**
 * Starts the live pokes of this process. If it receives nothing from other servers, it logs this once and continues:
 * its clients are notified of its own writes, and find the others' by their timer.
 */
export function openLive(limits: LiveLimits | SharedPlaces, runtime: Runtime, logger: Logger): void {
  let deaf = false
  startLive(runtime, {
    url: runtime.db.primary,
    limits,
    onHearing: () => {
      if (deaf) logger.info('receiving notifications from other servers again')
      deaf = false
    },
    onDeaf: (reason) => {
      if (!deaf)
        logger.warn({ reason: messageOf(reason) }, 'not receiving notifications from other servers; retrying')
      deaf = true
    },
  })
}

/** A start names this many workspaces at most. */
const MOST_WARNED = 20

/** Warns of admins that may still call with a pre-shared token, a line for each workspace (WSP-5). */
export async function warnOfAdminTokens(ctx: AdminContext, logger: Logger): Promise<void> {
  try {
    const found = await listAdminTokens({ ctx, limit: MOST_WARNED + 1 })
    for (const { workspaceId, admins } of found.slice(0, MOST_WARNED))
      logger.warn({ workspaceId, admins }, 'admins may call with pre-shared tokens; give their devices keys')
    if (found.length > MOST_WARNED) logger.warn('so may admins of further workspaces')
  } catch (err) {
    logger.warn({ err }, 'could not look for admins with pre-shared tokens')
  }
}

const EVERY_MS = 6 * 60 * 60 * 1000

/**
 * Maintenance of stored rows, a few times a day while the server runs: expired answers, cursors and enrollments are dropped (IDM-8,
 * CUR-7), and notes stored by a server of an earlier version are prepared for searches (OPS-28).
 */
export function pruneRegularly(ctx: AdminContext, logger: Logger): Disposable {
  const { clock } = ctx
  const { db } = ctx.runtime
  const prune = async (): Promise<void> => {
    try {
      const dropped = await pruneExpired({ db, clock })
      if (Object.values(dropped).some((rows) => rows > 0)) logger.info(dropped, 'dropped expired rows')
    } catch (err) {
      // It can wait: the next round finds the same rows.
      logger.warn({ err }, 'could not drop expired rows')
    }
  }
  const fold = async (): Promise<void> => {
    try {
      const notes = await foldStoredNotes({ db })
      if (notes > 0) logger.info({ notes }, 'prepared notes of an earlier version for searches')
    } catch (err) {
      logger.warn({ err }, 'could not prepare notes for searches')
    }
  }
  const both = async (): Promise<void> => {
    await prune()
    await fold()
  }
  void both()
  const again = async (): Promise<void> => {
    await both()
    await checkPreviousPepper(ctx, logger).catch((err: unknown) =>
      logger.warn({ err }, 'could not count what depends on the previous pepper'),
    )
  }
  const timer = setInterval(() => void again(), EVERY_MS).unref()
  return { [Symbol.dispose]: () => clearInterval(timer) }
}

const MINUTE_MS = 60_000

/**
 * Keeps the index of the audit near the end of every chain (AUD-18): a search then has little left to do.
 */
export const indexAuditRegularly = ({ runtime }: AdminContext, logger: Logger): AsyncDisposable =>
  inRounds(MINUTE_MS, async (signal) => {
    try {
      await indexAllAudits({ db: runtime.db, signal })
    } catch (err) {
      // A search brings it up to date, too.
      logger.warn({ err }, 'could not prepare the audit for searches')
    }
  })

/**
 * While there is a previous pepper: logs how many tokens and secrets still depend on it, so that an operator knows when it can go (RUN-24).
 * @throws SecretError where it cannot be the right one; ServiceError UNAVAILABLE
 */
export async function checkPreviousPepper(ctx: AdminContext, logger: Logger): Promise<void> {
  const use = await usePreviousPepper({ ctx })
  if (!use) return
  const { tokens, isForeign } = use
  if (isForeign) {
    throw new SecretError(
      'neither the pepper nor the previous one opens the signing keys in the database; set PEPPER_PREVIOUS (or the file ' +
        'pepper-previous) to what the pepper was before',
    )
  }
  if (tokens > 0) logger.info({ tokens }, 'tokens and secrets still depend on the previous pepper')
  else logger.info('no token or secret depends on the previous pepper')
}
