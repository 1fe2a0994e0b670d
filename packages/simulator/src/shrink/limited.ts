/** `fails` for so many calls; after that nothing fails any more, so that shrinking comes to its end. */
export function limited<T>(
  fails: (value: T) => Promise<boolean>,
  attempts: number,
): (value: T) => Promise<boolean> {
  let left = attempts
  return async (value) => left-- > 0 && (await fails(value))
}
