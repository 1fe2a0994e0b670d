import type { LivePokeEvent } from '@fieldsync/contracts'
import { onTestFinished } from 'vitest'

import { followWorkspace } from '../live/follow.ts'
import type { TestDevice } from './test-workspace.ts'

/** A connected device of a test. */
type LiveReader = {
  /** Waits for a poke; rejects with what ended the stream instead. */
  poked(): Promise<void>
  /** Whether one has come that was not waited for. */
  hasPoke(): Promise<boolean>
}

/** Connects a device at its server, until the test ends. */
export async function liveReader(device: TestDevice): Promise<LiveReader> {
  const stream = await followWorkspace({ ctx: device.ctx(), input: {} })
  const iterator: AsyncIterator<LivePokeEvent> = stream[Symbol.asyncIterator]()
  onTestFinished(async () => void (await iterator.return?.()))
  let pending: Promise<IteratorResult<LivePokeEvent>> | undefined
  let arrived = false
  const ask = (): Promise<IteratorResult<LivePokeEvent>> => {
    pending ??= iterator.next()
    pending.then(
      () => (arrived = true),
      () => (arrived = true),
    )
    return pending
  }
  return {
    poked: async () => {
      const { done } = await ask()
      pending = undefined
      arrived = false
      if (done) throw new Error('the stream ended')
    },
    hasPoke: async () => {
      void ask().catch(() => undefined)
      // What is there already arrives within a turn of the event loop.
      await new Promise((resolve) => setImmediate(resolve))
      return arrived
    },
  }
}
