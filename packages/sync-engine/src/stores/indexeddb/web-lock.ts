/**
 * Runs `work` under a lock of the browser's, which frees it when the tab dies; without waiting for it.
 * @param how `steal` takes it from whoever has it, whose `lost` aborts
 */
export async function underWebLock<T>(
  locks: LockManager,
  name: string,
  lost: AbortController,
  work: () => Promise<T>,
  how: 'ifAvailable' | 'steal' = 'ifAvailable',
): Promise<{ ran: true; value: T } | { ran: false }> {
  let running: Promise<T> | undefined
  try {
    await locks.request(name, { [how]: true }, async (lock) => {
      if (lock === null) return
      running = work()
      await running
    })
  } catch (error) {
    if (running === undefined) throw error
    // Either the work has failed, which comes out below, or another tab has stolen the lock while it runs.
    lost.abort()
  }
  return running === undefined ? { ran: false } : { ran: true, value: await running }
}
