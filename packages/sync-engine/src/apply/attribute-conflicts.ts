import type { SyncConflict } from '@fieldsync/contracts'

/** How the rules judge a document on top of another: the code of a conflict, or null when it is taken. */
export type Judge<D> = (current: D, incoming: D) => SyncConflict['code'] | null

/**
 * Which of one record's writes in a batch each conflict is about. An answer names records, not writes, and a record may
 * have several in one batch (BAT-4); but it holds what each loser met, so only one reading fits: the writes are gone
 * through as the server did, and a reading is dropped where a loser would not have met what its conflict shows.
 *
 * @param documents the record's writes in the order they were sent
 * @param conflicts the record's conflicts in the order of the answer, at most as many
 * @param isSame same content and status
 * @returns for each write its conflict, or null if it was accepted. Where no reading fits, the first writes have them.
 */
export function attributeConflicts<D>(
  documents: readonly D[],
  conflicts: readonly SyncConflict[],
  judge: Judge<D>,
  isSame: (a: D, b: D) => boolean,
): (SyncConflict | null)[] {
  if (conflicts.length === 0) return documents.map(() => null)
  if (conflicts.length === documents.length) return [...conflicts]
  // Places from which no reading leads to the end: looked at once, so that the work stays small whatever an answer says.
  const dead = new Set<string>()
  return reading(0, 0, undefined) ?? documents.map((_, i) => conflicts[i] ?? null)

  function reading(at: number, told: number, stored: D | undefined): (SyncConflict | null)[] | undefined {
    const write = documents[at]
    if (write === undefined) return told === conflicts.length ? [] : undefined
    if (documents.length - at < conflicts.length - told) return undefined
    // What is stored here follows from these two and from whether the write before was taken.
    const place = `${at} ${told} ${stored === documents[at - 1]}`
    if (dead.has(place)) return undefined
    const conflict = conflicts[told]
    const lost = conflict && fits(conflict, write, stored) ? lostHere(conflict, at, told, stored) : undefined
    const found = lost ?? takenHere(write, at, told)
    if (!found) dead.add(place)
    return found
  }

  function lostHere(conflict: SyncConflict, at: number, told: number, stored: D | undefined) {
    const rest = reading(at + 1, told + 1, winnerOf(conflict) ?? stored)
    return rest && [conflict, ...rest]
  }

  function takenHere(write: D, at: number, told: number) {
    const rest = reading(at + 1, told, write)
    return rest && [null, ...rest]
  }

  // A conflict about a record shows a record of its type.
  function winnerOf({ server }: SyncConflict): D | undefined {
    return server?.record as D | undefined
  }

  function fits(conflict: SyncConflict, write: D, stored: D | undefined): boolean {
    const winner = winnerOf(conflict)
    if (winner === undefined) return true
    if (stored !== undefined && !isSame(winner, stored)) return false
    return judge(winner, write) !== null
  }
}
