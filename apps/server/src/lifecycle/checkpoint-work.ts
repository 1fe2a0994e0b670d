import {
  type AdminContext,
  type CheckpointNews,
  Checkpoints,
  ErasureNotes,
  type NewestCheckpoint,
  type NoteSigner,
  Witnesses,
} from '@fieldsync/services'
import type { Logger } from 'pino'

import { checkpointStores } from '../checkpoints/checkpoint-stores.ts'
import type { ServerEnv } from '../env/server-env.ts'
import { inRounds } from './rounds.ts'

const MINUTE_MS = 60_000
const SEE = 'see “Checkpoints of the audit” in docs/operations/audit.md'

type CheckpointEnv = Pick<ServerEnv, 'database' | 'checkpointEveryMinutes'>

const storesOf = (env: CheckpointEnv) =>
  env.checkpointEveryMinutes > 0 ? checkpointStores(env.database) : []

/**
 * From now on this process gives devices the checkpoints that it knows, and compares what they report (AUD-32, AUD-33).
 * @param onAcknowledged an admin has acknowledged here what contradicted a chain
 */
export function exchangeCheckpoints(
  ctx: AdminContext,
  verifierKey: string,
  env: CheckpointEnv,
  logger: Logger,
  onAcknowledged?: (workspaceId: string) => void,
): Witnesses {
  const witnesses = new Witnesses(ctx, {
    verifierKeys: [verifierKey, ...env.database.checkpoints.earlierKeys],
    stores: storesOf(env),
    ...(onAcknowledged && { onAcknowledged }),
    onFinding: ({ workspaceId, deviceId, kind, checkpoint: { seq } }) =>
      logger.error(
        { workspaceId, deviceId, kind, seq },
        `the audit contradicts the checkpoint of a device; ${SEE}`,
      ),
  })
  ctx.runtime.checkpoints = witnesses
  return witnesses
}

/**
 * Writes checkpoints of the audit, now and regularly (AUD-12). A chain that contradicts one is logged as an error, once for each
 * reason: syncing goes on.
 * @param onRound what a round has found, for other processes of this server
 */
export function checkpointRegularly(
  ctx: AdminContext,
  witnesses: Witnesses,
  signer: NoteSigner,
  env: CheckpointEnv,
  logger: Logger,
  onRound?: (at: Date, news: CheckpointNews) => void,
): AsyncDisposable {
  const everyMinutes = env.checkpointEveryMinutes
  const stores = storesOf(env)
  const newest = new Map<string, NewestCheckpoint>()
  const checkpoints = new Checkpoints(ctx, signer, stores, (workspaceId, checkpoint) => {
    witnesses.know(workspaceId, checkpoint)
    newest.set(workspaceId, checkpoint)
  })
  const erasures = new ErasureNotes(ctx, signer, stores)
  let reported = new Set<string>()
  const round = async (signal: AbortSignal): Promise<void> => {
    try {
      const result = await checkpoints.write(signal)
      witnesses.rounded(result)
      onRound?.(ctx.clock.now(), { ...witnesses.news, newest: [...newest] })
      newest.clear()
      const { written, problems, failures } = result
      if (written > 0) logger.info({ written }, 'wrote checkpoints of the audit')
      const found = new Set(problems.map(({ workspaceId, reason }) => `${workspaceId} ${reason}`))
      for (const { workspaceId, reason } of problems)
        if (!reported.has(`${workspaceId} ${reason}`))
          logger.error({ workspaceId, reason }, `the audit contradicts a checkpoint; ${SEE}`)
      reported = found
      // Each round tries again: a warning at each shows since when, and how long.
      for (const failure of failures) logger.warn(failure, 'a store of checkpoints fails; trying again later')
      const noted = await erasures.write()
      if (noted > 0) logger.info({ noted }, 'wrote erasures beside the checkpoints')
    } catch (err) {
      // The next round writes them.
      logger.warn({ err }, 'could not write checkpoints of the audit')
    }
  }
  const rounds = everyMinutes > 0 ? inRounds(everyMinutes * MINUTE_MS, round) : undefined
  return {
    [Symbol.asyncDispose]: async () => {
      await rounds?.[Symbol.asyncDispose]()
      await witnesses.flush()
    },
  }
}
