import type { Changeset } from '../core/changeset.ts'
import type { EngineContext } from '../core/engine-context.ts'
import { type Isolation, readMeta, writeMeta } from '../core/engine-meta.ts'
import { type Call, discardInFlightBatch } from '../core/in-flight-batch.ts'
import type { WriteTransaction } from '../core/local-store.ts'
import { halveRecords, shrinkCalls, shrinkPage, utf8Length } from './call-sizes.ts'
import type { ResendRules } from './hold.ts'
import { pickAlone, type PickedEntry } from './pick-entries.ts'
import { quarantine, type Quarantined } from './quarantine.ts'
import type { FailureCause } from './read-answer.ts'

// A server under repair, or a network that goes away, fails for a while: whether it is the call is asked when it
// goes on through so many sync runs.
const PATIENCE = 2
const MOST_PATIENCE = 64

// So many records for each failure that was waited for, which fail alone, one after the other, while none gets through:
// then it is the server. The next search looks further.
const SUSPECTS_PER_FAILURE = 4

// How often a suspect fails alone, after others got through, before it is blamed. Each sign that the server fails
// whatever it is sent doubles it.
const ROUNDS = 3
const MOST_ROUNDS = 48

const NONE: Isolation = { failures: 0 }

/** A call that was not answered in all its attempts. */
export type FailedCall = {
  syncId: string
  /** Of its entries in the outbox; none for a pull. */
  places: string[]
  bytes: number
  page: number
  cause: FailureCause
}

export const failedCall = (
  { syncId, entries, body }: Call,
  page: number,
  cause: FailureCause,
): FailedCall => ({ syncId, places: entries.map(({ key }) => key), bytes: utf8Length(body), page, cause })

/** True if the call may have failed for what it holds or asks for, so that a smaller one or another may get through. */
export const mayBeAtFault = ({ places, page, cause }: FailedCall): boolean =>
  cause !== 'busy' && (places.length > 0 || (cause === 'transfer' && page > 1))

/**
 * Counts a call that was not answered in a sync run.
 * @returns whether it is time to ask if the call itself is at fault (ENG-48)
 */
export async function noteFailure(transaction: WriteTransaction, { places }: FailedCall): Promise<boolean> {
  const [known = NONE] = await readMeta(transaction, ['isolation'])
  const failures = known.failures + 1
  await writeMeta(transaction, 'isolation', { ...known, failures })
  const isSuspect = places.length === 1 && known.suspects?.some((place) => places.includes(place)) === true
  return isSuspect || failures >= (known.patience ?? PATIENCE)
}

/** True while records have failed alone and nothing has got through since: a record more needs no second attempt for that. */
export const isSuspecting = ({ suspects = [], followed = 0 }: Isolation = NONE): boolean =>
  suspects.length > followed

/** What a search has come to: writes that are quarantined, and whether the server is at fault. */
type Narrowed = { quarantined: Quarantined[]; isServer: boolean }

const GOES_ON: Narrowed = { quarantined: [], isServer: false }

/**
 * After a call was not answered and a smallest pull was: gives the batch up, whose writes may have been decided on (ENG-29),
 * and makes the next calls smaller (ENG-49), or holds back the single record that fails (ENG-26, ENG-51).
 */
export async function narrow(
  context: EngineContext,
  changeset: Changeset,
  transaction: WriteTransaction,
  failed: FailedCall,
): Promise<Narrowed> {
  const { places, bytes, page, cause } = failed
  const [only, ...others] = places
  if (only === undefined) {
    await shrinkPage(transaction, page)
    return GOES_ON
  }
  const [batch] = await readMeta(transaction, ['snapshot'])
  // Another tab was faster.
  if (batch?.syncId !== failed.syncId) return GOES_ON
  await discardInFlightBatch(changeset, transaction, batch)
  if (cause === 'transfer' && (others.length > 0 || page > 1)) {
    if (others.length > 0) await shrinkCalls(transaction, { records: places.length, bytes, page })
    else await shrinkPage(transaction, page)
    return GOES_ON
  }
  if (others.length > 0) {
    await halveRecords(transaction, places.length)
    return GOES_ON
  }
  return await suspect(context, changeset, transaction, only, cause)
}

async function suspect(
  context: EngineContext,
  changeset: Changeset,
  transaction: WriteTransaction,
  place: string,
  cause: FailureCause,
): Promise<Narrowed> {
  const [known = NONE] = await readMeta(transaction, ['isolation'])
  const { suspects = [], followed = 0, patience = PATIENCE } = known
  if (suspects.includes(place))
    return sendRound(context, changeset, transaction, { ...known, suspects }, place, cause)
  if (suspects.length - followed + 1 >= patience * SUSPECTS_PER_FAILURE) {
    const next = Math.min(MOST_PATIENCE, patience * 2)
    const left = suspects.slice(0, followed)
    await writeMeta(transaction, 'isolation', { ...known, failures: 0, suspects: left, patience: next })
    return { quarantined: [], isServer: true }
  }
  await writeMeta(transaction, 'isolation', { ...known, suspects: [...suspects, place] })
  return GOES_ON
}

/** A suspect was sent again, alone, after others got through, and failed again (ENG-52). */
async function sendRound(
  context: EngineContext,
  changeset: Changeset,
  transaction: WriteTransaction,
  known: Isolation & { suspects: string[] },
  place: string,
  cause: FailureCause,
): Promise<Narrowed> {
  const { suspects, rounds = {}, neededRounds = ROUNDS } = known
  // A link that does not last for a record says nothing about the record.
  if (cause === 'transfer') return GOES_ON
  const count = (rounds[place] ?? 0) + 1
  if (count < neededRounds) {
    await writeMeta(transaction, 'isolation', { ...known, rounds: { ...rounds, [place]: count } })
    return GOES_ON
  }
  const left = suspects.filter((each) => each !== place)
  const search = { ...known, suspects: left, followed: left.length }
  await writeMeta(transaction, 'isolation', left.length > 0 ? search : undefined)
  const message =
    cause === 'server'
      ? 'makes the server fail, which takes other records'
      : 'is rejected on the way to the server, which lets other records through'
  const quarantined = await quarantine(
    changeset,
    new Map([[place, [{ path: '', message }]]]),
    context.clock.now(),
  )
  return { quarantined, isServer: false }
}

/**
 * After a call got through. A suspect among its entries is cleared; and where it was one, or the same bytes failed
 * before, the server fails whatever it is sent, so that the others are suspects again from the beginning, and for longer (ENG-52).
 *
 * @param recovered the same bytes were refused in an earlier attempt
 */
export async function notePassed(
  transaction: WriteTransaction,
  { entries }: Call,
  recovered: boolean,
): Promise<void> {
  const [known] = await readMeta(transaction, ['isolation'])
  if (!known) return
  const { suspects = [], rounds = {}, neededRounds = ROUNDS, patience } = known
  const left = suspects.filter((place) => entries.every(({ key }) => key !== place))
  if (entries.length > 0 && left.length === 0) {
    await writeMeta(transaction, 'isolation', undefined)
    return
  }
  if (entries.length === 0) {
    const isEmpty = suspects.length === 0 && patience === undefined
    await writeMeta(transaction, 'isolation', isEmpty ? undefined : { ...known, failures: 0 })
    return
  }
  const isUnsteady = recovered || left.length < suspects.length
  await writeMeta(transaction, 'isolation', {
    ...known,
    failures: 0,
    suspects: left,
    followed: left.length,
    rounds: isUnsteady ? {} : rounds,
    neededRounds: isUnsteady ? Math.min(MOST_ROUNDS, neededRounds * 2) : neededRounds,
  })
}

/**
 * The suspect that is sent again, alone, now that nothing else is left to send; undefined where all have had their turn,
 * or no other batch has got through since the last one failed: then it may be the server.
 *
 * @param resent places of those that had it in this sync run
 * @param rules as for `pickEntries`
 */
export async function nextSuspect(
  changeset: Changeset,
  resent: ReadonlySet<string>,
  rules: ResendRules,
): Promise<PickedEntry | undefined> {
  const [known] = await readMeta(changeset.transaction, ['isolation'])
  if (!known?.suspects || isSuspecting(known)) return undefined
  for (const place of known.suspects) {
    const picked = resent.has(place) ? undefined : await pickAlone(changeset, place, rules)
    if (picked) return picked
  }
  return undefined
}

/**
 * At the end of a sync run: suspects wait for the next one. Those after which no other batch got through are none there.
 * @returns whether there were some
 */
export async function endSearch(changeset: Changeset, transaction: WriteTransaction): Promise<boolean> {
  const [known] = await readMeta(transaction, ['isolation'])
  if (!known?.suspects?.length) return false
  const { suspects, followed = 0 } = known
  // What the server turned out to have is no longer queued.
  const queued = (await changeset.entries(suspects)).map(({ key }) => key)
  const left = suspects.slice(0, followed).filter((place) => queued.includes(place))
  const search = { ...known, suspects: left, followed: left.length }
  await writeMeta(transaction, 'isolation', queued.length > 0 ? search : undefined)
  return queued.length > 0
}
