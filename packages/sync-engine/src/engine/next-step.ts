import type { Device } from '@fieldsync/contracts'

import { readKept, writeKept } from '../model/kept-values.ts'
import { pickEntries } from '../outbox/pick-entries.ts'
import { type Call, composeCall, markInFlight } from '../outbox/snapshot.ts'
import { sweepSome } from '../recovery/full-pull.ts'
import { batchLimits } from '../recovery/split.ts'
import type { EngineContext } from './engine-context.ts'
import { change } from './engine-context.ts'
import type { WrittenName } from './engine-events.ts'

/** What a cycle does next: send a call, go on looking through the records after a full pull, or end. */
export type NextStep =
  | { kind: 'call'; call: Call; again: boolean }
  | { kind: 'swept'; offered: WrittenName[] }
  | { kind: 'nothing' }

/** What of a cycle decides over its next step. */
export type Wish = {
  /** There is something to pull, or nothing was asked yet. */
  pull: boolean
  /** Sending must wait: until a pull is done, or for this whole cycle. */
  hold: boolean
}

/**
 * Chooses the next step. A batch with records is stored before its first byte goes out, and goes out again as it is until
 * it is answered (ENG-3); a pull is not stored.
 */
export const nextStep = (context: EngineContext, device: Device, wish: Wish): Promise<NextStep> =>
  change(context, async (ledger, transaction): Promise<NextStep> => {
    const [snapshot, fullPull] = await readKept(transaction, ['snapshot', 'fullPull'])
    if (fullPull?.step === 'sweep') {
      return { kind: 'swept', offered: await sweepSome(context, ledger, transaction, fullPull) }
    }
    if (!fullPull && !wish.hold) {
      if (snapshot) return { kind: 'call', call: snapshot, again: true }
      const picked = await pickEntries(ledger, await batchLimits(context, ledger))
      if (picked.length > 0) {
        const call = await composeCall(context, ledger, device, picked)
        markInFlight(ledger, call)
        await writeKept(transaction, 'snapshot', call)
        return { kind: 'call', call, again: false }
      }
    }
    if (!fullPull && !wish.pull) return { kind: 'nothing' }
    return { kind: 'call', call: await composeCall(context, ledger, device, []), again: false }
  })
