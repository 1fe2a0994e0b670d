import type { Downstream } from '@fieldsync/contracts'
import { combineDigests } from '@fieldsync/domain'

import type { Changeset } from '../core/changeset.ts'
import { type OpenOutcome, writeMeta } from '../core/engine-meta.ts'
import { recordKey } from '../core/local-record.ts'
import type { WriteTransaction } from '../core/local-store.ts'
import { namedDownstream } from './merge-downstream.ts'

/**
 * Decides what accepted corrections did where the rules leave two versions possible (ENG-46). A record that came down
 * with the answer is as it came: the write changed nothing, or its change would not be on this page. Of the others the
 * state hash at the head shows which version each has (HSH-2); where more pages follow they stay open until then.
 *
 * @param open all that are open, those of earlier answers included
 */
export async function decideOpenOutcomes(
  changeset: Changeset,
  transaction: WriteTransaction,
  open: ReadonlyMap<string, OpenOutcome>,
  downstream: Downstream,
): Promise<void> {
  const named = new Set(namedDownstream(downstream).map(({ type, id }) => recordKey(type, id)))
  const left = [...open].flatMap(([key, outcome]) => (named.has(key) ? [] : [outcome]))
  if (!downstream.hasMore && downstream.stateHash !== undefined)
    await takeByHash(changeset, left, downstream.stateHash)
  await writeMeta(transaction, 'openOutcomes', downstream.hasMore && left.length > 0 ? left : undefined)
}

async function takeByHash(
  changeset: Changeset,
  open: readonly OpenOutcome[],
  serverHash: string,
): Promise<void> {
  const { stateHash } = changeset.position
  await changeset.load(open)
  const exchanges = open.map(({ type, id, otherwise }) => {
    const { digest } = changeset.record<'observation' | 'recommendation'>(type, id)
    return combineDigests(...[digest, otherwise.digest].filter((each) => each !== null))
  })
  const subset = subsetOf(exchanges, combineDigests(stateHash, serverHash))
  for (const [i, { type, id, otherwise }] of open.entries()) {
    if (subset.has(i)) changeset.replaceServer(type, id, otherwise)
  }
}

/** Which of these digests combine to the difference; none where no subset does, or more than one could. */
function subsetOf(digests: readonly string[], difference: string): Set<number> {
  const numberOf = (digest: string) => BigInt(`0x${digest}`)
  // Each with a highest bit that those behind it lack: exclusive or with one makes a number with that bit smaller.
  const basis: { value: bigint; made: bigint }[] = []
  const reduced = (value: bigint, made: bigint) =>
    basis.reduce(
      (rest, each) =>
        (rest.value ^ each.value) < rest.value
          ? { value: rest.value ^ each.value, made: rest.made ^ each.made }
          : rest,
      { value, made },
    )
  for (const [i, digest] of digests.entries()) {
    const rest = reduced(numberOf(digest), 1n << BigInt(i))
    if (rest.value === 0n) return new Set()
    basis.push(rest)
  }
  const { value, made } = reduced(numberOf(difference), 0n)
  return new Set([...digests.keys()].filter((i) => value === 0n && (made >> BigInt(i)) & 1n))
}
