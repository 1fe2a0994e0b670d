import { type Device, isOlderContract } from '@fieldsync/contracts'

import { clearBatchAhead } from '../core/batch-ahead.ts'
import type { Changeset } from '../core/changeset.ts'
import { type EngineContext, transact } from '../core/engine-context.ts'
import { readMeta } from '../core/engine-meta.ts'
import { type Call, loadInFlightBatch, saveInFlightBatch } from '../core/in-flight-batch.ts'
import type { WriteTransaction } from '../core/local-store.ts'
import { endSearch, isSuspecting, nextSuspect } from '../push/bisect.ts'
import { type CallSizes, callSizes } from '../push/call-sizes.ts'
import { composeCall } from '../push/compose-batch.ts'
import { resendRules } from '../push/hold.ts'
import { type PickedEntry, pickEntries } from '../push/pick-entries.ts'
import { sweepSome, type Swept } from '../recover/full-pull.ts'

/** What a sync run does next: send a call, go on looking through the records after a full pull, or end. */
type NextStep =
  /** `suspect`: the place of an entry that is sent again, alone. `once`: one attempt says enough. */
  | { kind: 'call'; call: Call; again: boolean; suspect?: string; once?: boolean }
  | ({ kind: 'swept' } & Swept)
  /** `suspects`: records are held back, since no call with them was answered. */
  | { kind: 'nothing'; suspects: boolean }

export type CallStep = Extract<NextStep, { kind: 'call' }>

/** What of a sync run decides on its next step. */
type SyncRequest = {
  /** There is something to pull, or nothing was asked yet. */
  pull: boolean
  /** Sending must wait: until a pull is done, or for this whole run. */
  hold: boolean
  /** An answer of this run was applied: what the device knows of the server is no older. */
  hasApplied: boolean
  /** A call was not answered: a smallest pull asks whether any is (ENG-48). */
  probe: boolean
  /** Places of the suspects that were sent again in this run. */
  resent: ReadonlySet<string>
  /** A build of the server that answered in this run is older than what is known of it: nothing newer is sent meanwhile. */
  atMost: string | null
}

const SMALLEST_PAGE = 1

/**
 * Chooses the next step. A batch with records is stored before its first byte goes out, and goes out again as it is until
 * it is answered (ENG-3); a pull is not stored.
 */
export const nextStep = (context: EngineContext, device: Device, request: SyncRequest): Promise<NextStep> =>
  transact(context, async (changeset, transaction): Promise<NextStep> => {
    if (request.atMost !== null && isOlderContract(request.atMost, changeset.serverContract)) {
      changeset.serverContract = request.atMost
    }
    const [fullPull, isolation, ahead] = await readMeta(transaction, ['fullPull', 'isolation', 'ahead'])
    if (fullPull?.step === 'sweep') {
      return { kind: 'swept', ...(await sweepSome(context, changeset, transaction, fullPull)) }
    }
    if (request.probe) return { ...(await pull(context, changeset, device, SMALLEST_PAGE)), once: true }
    const sizes = await callSizes(context, transaction)
    if (!fullPull && !request.hold) {
      const stored = await loadInFlightBatch(transaction)
      if (stored) return { kind: 'call', call: stored, again: true }
      // The batch before it was discarded, or an older build has had it answered (ENG-88).
      if (ahead) await clearBatchAhead(transaction)
      const rules = resendRules(context)
      const { picked, stayed } = await pickEntries(changeset, sizes, isolation?.suspects ?? [], rules)
      // What was picked is picked again once the others are reported.
      if (stayed.length > 0) return { kind: 'swept', resent: [], localOnly: stayed, corrections: [] }
      // The second patch of a chain fits a version that another device made meanwhile, and would land on what it was not
      // written for: whether the first still fits is asked before.
      const probesFirst = !request.hasApplied && hasChain(picked)
      if (picked.length > 0 && !probesFirst) {
        const step = await push(context, changeset, transaction, device, picked, sizes)
        return { ...step, once: picked.length === 1 && isSuspecting(isolation) }
      }
      const suspect =
        picked.length === 0 && !request.pull ? await nextSuspect(changeset, request.resent, rules) : undefined
      if (suspect) {
        const step = await push(context, changeset, transaction, device, [suspect], sizes)
        return { ...step, suspect: suspect.key }
      }
    }
    if (!fullPull && !request.pull)
      return { kind: 'nothing', suspects: await endSearch(changeset, transaction) }
    return pull(context, changeset, device, sizes.page)
  })

async function push(
  context: EngineContext,
  changeset: Changeset,
  transaction: WriteTransaction,
  device: Device,
  picked: readonly PickedEntry[],
  { page }: CallSizes,
): Promise<CallStep> {
  const { call } = await composeCall(context, changeset, device, picked, page)
  await saveInFlightBatch(changeset, transaction, call)
  return { kind: 'call', call, again: false }
}

const pull = async (
  context: EngineContext,
  changeset: Changeset,
  device: Device,
  page: number,
): Promise<CallStep> => ({
  kind: 'call',
  call: (await composeCall(context, changeset, device, [], page)).call,
  again: false,
})

function hasChain(picked: readonly PickedEntry[]): boolean {
  const playbooks = picked.flatMap(({ entry: { document } }) =>
    'patchId' in document ? [document.playbookId] : [],
  )
  return new Set(playbooks).size < playbooks.length
}
