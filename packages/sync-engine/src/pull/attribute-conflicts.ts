import type { SyncConflict } from '@fieldsync/contracts'
import type { Decision } from '@fieldsync/domain'

/**
 * How the rules decide on a version on top of another: `taken` over, known and `kept` as it was, or refused with a code. A
 * re-send that moves the time of a draft counts as taken: later ones are measured by it (OBS-22).
 */
type Decide<D> = (current: D, incoming: D) => 'taken' | 'kept' | SyncConflict['code']

type Reading = (SyncConflict | null)[]

const STALE: ReadonlySet<string> = new Set(['OBSERVATION_STALE_WRITE', 'RECOMMENDATION_STALE_WRITE'])

/**
 * Which of one record's writes in a batch each conflict is about (ENG-30). An answer names records, not writes, and a
 * record may have several in one batch (BAT-4); but a conflict shows what the loser met. So the writes are gone through
 * as the server did, and the first reading is taken in which every loser meets what its conflict shows and the rules
 * decide on each write as the server did.
 *
 * @param documents the record's writes in the order they were sent
 * @param conflicts the record's conflicts in the order of the answer, at most as many
 * @param isSame same content and status
 * @param isKnown of a write whose correction the server is known to have had: it loses to no version that came since (OBS-11)
 * @param mayBeKnown of a write whose correction the server may have had, which a device does not know of all its history
 * @param corrects of two writes, whether one corrects the other: a server that has had the correction has had what it corrects
 * @returns for each write its conflict, or null if it was accepted. Where no reading fits, the last writes have them: what
 *   the person wrote last then waits for a decision, and is not taken for accepted.
 */
export function attributeConflicts<D>(
  documents: readonly D[],
  conflicts: readonly SyncConflict[],
  decide: Decide<D>,
  isSame: (a: D, b: D) => boolean,
  isKnown: (write: D) => boolean,
  mayBeKnown: (write: D) => boolean,
  corrects: (write: D, other: D) => boolean = () => false,
): Reading {
  if (conflicts.length === 0) return documents.map(() => null)
  if (conflicts.length === documents.length) return [...conflicts]
  // Places from which no reading leads to the end: looked at once, so that the work stays small whatever an answer says.
  const dead = new Set<string>()
  let trusts: { times: boolean; history: 'all' | 'corrections' | 'none' }
  // Only where no reading fits what the device knows, what it may not know is taken into account: corrections of the
  // server's history, those first that another write corrects, then times far ahead that the server has cut and compared by
  // itself (OBS-19).
  for (trusts of [
    { times: true, history: 'all' },
    { times: true, history: 'corrections' },
    { times: true, history: 'none' },
    { times: false, history: 'all' },
    { times: false, history: 'corrections' },
    { times: false, history: 'none' },
  ] as const) {
    dead.clear()
    const found = reading(0, 0, undefined, null)
    if (found) return found
  }
  const accepted = documents.length - conflicts.length
  return documents.map((_, i) => conflicts[i - accepted] ?? null)

  /** @param from index of the write that made `stored`, negative where a conflict showed it; null where nothing did */
  function reading(
    at: number,
    shown: number,
    stored: D | undefined,
    from: number | null,
  ): Reading | undefined {
    const write = documents[at]
    if (write === undefined) return shown === conflicts.length ? [] : undefined
    const place = `${at} ${shown} ${from}`
    if (dead.has(place)) return undefined
    const found = lostHere(write, at, shown, stored, from) ?? takenHere(write, at, shown, stored, from)
    if (!found) dead.add(place)
    return found
  }

  function lostHere(
    write: D,
    at: number,
    shown: number,
    stored: D | undefined,
    from: number | null,
  ): Reading | undefined {
    const conflict = conflicts[shown]
    if (!conflict) return undefined
    // A conflict about a record shows a record of its type.
    const winner = conflict.server?.record as D | undefined
    if (winner === undefined) {
      const rest = reading(at + 1, shown + 1, stored, from)
      return rest && [conflict, ...rest]
    }
    if (stored !== undefined && !isSame(winner, stored)) return undefined
    // Of one version either text may have the time that counted.
    const met = [stored, winner].find((each) => each !== undefined && loses(each, write, conflict.code))
    if (met === undefined) return undefined
    const rest = reading(at + 1, shown + 1, met, met === stored ? from : -1 - shown)
    return rest && [conflict, ...rest]
  }

  /** Rights come before what the rules make of versions: who has none loses with all but what is held already (OBS-3). */
  function loses(current: D, write: D, code: SyncConflict['code']): boolean {
    if (code === 'FORBIDDEN' || (!trusts.times && STALE.has(code))) return !isSame(current, write)
    return decide(current, write) === code && !isKnown(write)
  }

  /** The server may have had it before. */
  function isPossible(write: D): boolean {
    if (trusts.history === 'all' || !mayBeKnown(write)) return false
    return trusts.history === 'none' || documents.some((each) => corrects(each, write))
  }

  function takenHere(
    write: D,
    at: number,
    shown: number,
    stored: D | undefined,
    from: number | null,
  ): Reading | undefined {
    const decision = stored === undefined ? 'taken' : decide(stored, write)
    const isTaken = decision === 'taken' || (!trusts.times && STALE.has(decision))
    const rest =
      (isTaken ? reading(at + 1, shown, write, at) : undefined) ??
      (decision === 'kept' || isKnown(write) || isPossible(write)
        ? reading(at + 1, shown, stored, from)
        : undefined)
    return rest && [null, ...rest]
  }
}

/** A decision of the rules in these words. */
export function decisionCode(decision: Decision): ReturnType<Decide<unknown>> {
  if (decision.kind === 'conflict') return decision.code
  return decision.kind === 'accept' || decision.moveTime ? 'taken' : 'kept'
}
