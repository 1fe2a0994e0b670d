/** Waits for something to close, with a time limit: after that it is left to the end of the process. */
export async function closeWithin(limitMs: number, close: () => Promise<void>): Promise<void> {
  const limit = Promise.withResolvers<void>()
  const timer = setTimeout(limit.resolve, limitMs)
  await Promise.race([close().catch(() => undefined), limit.promise])
  clearTimeout(timer)
}
