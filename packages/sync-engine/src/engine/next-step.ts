import type { Device } from '@fieldsync/contracts'

import { readKept } from '../model/kept-values.ts'
import { type PickedEntry, pickEntries } from '../outbox/pick-entries.ts'
import { type Call, composeCall, keepSnapshot, keptSnapshot } from '../outbox/snapshot.ts'
import { sweepSome, type Swept } from '../recovery/full-pull.ts'
import { acquit } from '../recovery/isolate.ts'
import { batchLimits } from '../recovery/split.ts'
import type { EngineContext } from './engine-context.ts'
import { change } from './engine-context.ts'

/** What a cycle does next: send a call, go on looking through the records after a full pull, or end. */
export type NextStep =
  | { kind: 'call'; call: Call; again: boolean }
  | ({ kind: 'swept' } & Swept)
  /** `suspects`: records are held back, since the server fails on them. */
  | { kind: 'nothing'; suspects: boolean }

/** What of a cycle decides over its next step. */
export type Wish = {
  /** There is something to pull, or nothing was asked yet. */
  pull: boolean
  /** Sending must wait: until a pull is done, or for this whole cycle. */
  hold: boolean
  /** An answer of this cycle was taken over: what the device knows of the server is no older. */
  fresh: boolean
}

/**
 * Chooses the next step. A batch with records is stored before its first byte goes out, and goes out again as it is until
 * it is answered (ENG-3); a pull is not stored.
 */
export const nextStep = (context: EngineContext, device: Device, wish: Wish): Promise<NextStep> =>
  change(context, async (ledger, transaction): Promise<NextStep> => {
    const [fullPull, isolation] = await readKept(transaction, ['fullPull', 'isolation'])
    if (fullPull?.step === 'sweep') {
      return { kind: 'swept', ...(await sweepSome(context, ledger, transaction, fullPull)) }
    }
    if (!fullPull && !wish.hold) {
      const kept = await keptSnapshot(transaction)
      if (kept) return { kind: 'call', call: kept, again: true }
      const limits = await batchLimits(context, ledger)
      const resentSince = context.clock.now() - context.settings.offerAgain
      const picked = await pickEntries(ledger, limits, isolation?.suspects, resentSince)
      // The second patch of a chain fits a version that somebody else made meanwhile, and would land on what it was not
      // written for: whether the first still fits is asked before.
      const asksFirst = !wish.fresh && hasChain(picked)
      if (picked.length > 0 && !asksFirst) {
        const call = await composeCall(context, ledger, device, picked)
        await keepSnapshot(ledger, transaction, call)
        return { kind: 'call', call, again: false }
      }
    }
    if (!fullPull && !wish.pull) return { kind: 'nothing', suspects: await acquit(transaction) }
    return { kind: 'call', call: await composeCall(context, ledger, device, []), again: false }
  })

function hasChain(picked: readonly PickedEntry[]): boolean {
  const playbooks = picked.flatMap(({ entry: { document } }) =>
    'patchId' in document ? [document.playbookId] : [],
  )
  return new Set(playbooks).size < playbooks.length
}
