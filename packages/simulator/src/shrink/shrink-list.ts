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
