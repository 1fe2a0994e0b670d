/** `fails` for so many calls; after that nothing fails any more, so that shrinking comes to its end. */
export function limited<T>(
  fails: (value: T) => Promise<boolean>,
  attempts: number,
): (value: T) => Promise<boolean> {
  let left = attempts
  return async (value) => left-- > 0 && (await fails(value))
}

/**
 * The shortest list that was found to still fail, by leaving out parts of the one given: all of it first, then halves,
 * quarters and so on to single items, until none can go (delta debugging).
 */
export async function shrinkList<T>(
  items: readonly T[],
  fails: (items: readonly T[]) => Promise<boolean>,
): Promise<readonly T[]> {
  let left = items
  for (let size = left.length; size >= 1;) {
    const before = left.length
    // From the end: what comes last is most often beside the point, and nothing after it points back.
    for (let end = left.length; end > 0; end -= size) {
      const fewer = left.toSpliced(Math.max(0, end - size), size)
      if (await fails(fewer)) left = fewer
    }
    if (size > 1) size = Math.ceil(size / 2)
    else if (left.length === before) break
  }
  return left
}

/**
 * The simplest value that was found to still fail.
 *
 * @param simpler values that are a little simpler than one, the simplest first; each must lead to an end
 */
export async function shrinkValue<T>(
  value: T,
  simpler: (value: T) => Iterable<T>,
  fails: (value: T) => Promise<boolean>,
): Promise<T> {
  for (const candidate of simpler(value)) {
    if (await fails(candidate)) return await shrinkValue(candidate, simpler, fails)
  }
  return value
}
