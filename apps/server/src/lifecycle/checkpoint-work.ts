import { type AdminContext, Checkpoints, ErasureNotes, type NoteSigner, Witnesses } from '@fieldsync/services'
import type { Logger } from 'pino'

import { checkpointStores } from '../checkpoints/checkpoint-stores.ts'
import type { ServerEnv } from '../env/server-env.ts'
import { inRounds } from './rounds.ts'

const MINUTE_MS = 60_000
const SEE = 'see “Checkpoints of the audit” in docs/operations/audit.md'

/**
 * Takes part in the checkpoints of the audit: writes them now and regularly (AUD-12), gives them to devices, and compares what
 * devices report (AUD-32, AUD-33). A chain that contradicts one is logged as an error, once for each reason: syncing goes on.
 */
export function checkpointRegularly(
  ctx: AdminContext,
  signer: NoteSigner,
  env: Pick<ServerEnv, 'database' | 'checkpointEveryMinutes'>,
  logger: Logger,
  onRound?: (at: Date) => void,
): AsyncDisposable {
  const everyMinutes = env.checkpointEveryMinutes
  const stores = everyMinutes > 0 ? checkpointStores(env.database) : []
  const witnesses = new Witnesses(ctx, {
    verifierKeys: [signer.verifierKey, ...env.database.checkpoints.earlierKeys],
    stores,
    onFinding: ({ workspaceId, deviceId, kind, checkpoint: { seq } }) =>
      logger.error(
        { workspaceId, deviceId, kind, seq },
        `the audit contradicts the checkpoint of a device; ${SEE}`,
      ),
  })
  ctx.runtime.checkpoints = witnesses
  const checkpoints = new Checkpoints(ctx, signer, stores, (workspaceId, newest) =>
    witnesses.know(workspaceId, newest),
  )
  const erasures = new ErasureNotes(ctx, signer, stores)
  let reported = new Set<string>()
  const round = async (signal: AbortSignal): Promise<void> => {
    try {
      const result = await checkpoints.write(signal)
      witnesses.rounded(result)
      onRound?.(ctx.clock.now())
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
