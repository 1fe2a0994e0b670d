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
