// Loaded into a server under measurement before its own program: answers the benchmark what is in its heap.
import { ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import { queryObjects } from 'node:v8'

/** What is in the heap of a process after a garbage collection. */
export type Inside = {
  /** Bytes of objects, and of buffers outside the heap. */
  readonly heap: number
  readonly external: number
  readonly resident: number
  /** Live objects of kinds that are left over where something is not given back. */
  readonly objects: Readonly<Record<string, number>>
}

const timer = setTimeout(() => undefined, 0)
const Timer = timer.constructor
clearTimeout(timer)

const KINDS = {
  sockets: Socket,
  answers: ServerResponse,
  timers: Timer,
  'abort controllers': AbortController,
  promises: Promise,
} as const

function inside(): Inside {
  globalThis.gc?.()
  const objects = Object.fromEntries(
    Object.entries(KINDS).map(([name, kind]) => [name, queryObjects(kind, { format: 'count' })]),
  )
  const { heapUsed, external, rss } = process.memoryUsage()
  return { heap: heapUsed, external, resident: rss, objects }
}

process.on('message', () => process.send?.(inside()))
// The benchmark does not keep the server running.
process.channel?.unref()
