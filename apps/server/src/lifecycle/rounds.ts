/**
 * Does work in rounds while the server runs: the first one now, then one at each interval. A round that takes longer than
 * the interval delays the next one; two never run at the same time.
 *
 * @param round reports by itself what fails: the next round follows all the same. It stops early when the signal is aborted.
 * @returns ends the rounds, and waits for the one that is under way
 */
export function inRounds(everyMs: number, round: (signal: AbortSignal) => Promise<void>): AsyncDisposable {
  const stopping = new AbortController()
  let running: Promise<void> | undefined
  const start = (): void => {
    running ??= round(stopping.signal).finally(() => (running = undefined))
  }
  start()
  const timer = setInterval(start, everyMs).unref()
  return {
    [Symbol.asyncDispose]: async () => {
      clearInterval(timer)
      stopping.abort()
      await running
    },
  }
}
