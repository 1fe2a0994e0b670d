import { readdir, readFile } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'

import { ErrorEnvelope } from '@fieldsync/contracts'
import { roundSeeds, seededRandom, type TestServer } from '@fieldsync/testkit'
import { expect, it } from 'vitest'

import { embeddedSystem } from './testing/embedded-system.ts'
import { SentBatches } from './testing/sent-batches.ts'

const WRITERS = 4
const HEALTH_EVERY_MS = 20

/** Polls the server's health until stopped; counts the answers by status. */
async function watchHealth({ url }: TestServer, signal: AbortSignal): Promise<Map<number, number>> {
  const counts = new Map<number, number>()
  while (!signal.aborted) {
    const response = await fetch(`${url}/v1/health`)
    const body: unknown = await response.json()
    if (response.status !== 200) expect(ErrorEnvelope.parse(body).error.code).toBe('UNAVAILABLE')
    counts.set(response.status, (counts.get(response.status) ?? 0) + 1)
    await delay(HEALTH_EVERY_MS)
  }
  return counts
}

/** The processes that a postmaster has started. */
async function backendsOf(postmaster: number): Promise<[number, ...number[]]> {
  const children: number[] = []
  for (const entry of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    const stat = await readFile(`/proc/${entry}/stat`, 'utf8').catch(() => '')
    const [, parent] = /\) \S (\d+)/.exec(stat) ?? []
    if (Number(parent) === postmaster) children.push(Number(entry))
  }
  const [first, ...others] = children
  if (first === undefined) throw new Error(`the postmaster ${postmaster} has no backend`)
  return [first, ...others]
}

it.each(roundSeeds(1))(
  '[RUN-9] [ERR-19] [GUA-1] [GUA-2] [BAT-1] kill -9 of the postmaster under load: 503 meanwhile, then on by itself (seed %i)',
  async (seed) => {
    const rng = seededRandom(seed)
    const system = await embeddedSystem(WRITERS)
    const server = await system.start()
    const sent = new SentBatches()
    const stop = new AbortController()
    const health = watchHealth(server, stop.signal)
    health.catch(() => undefined)
    const writers = [...system.writers(server).values()]
    const writing = Promise.all(
      writers.map((caller, index) => sent.sendAll(caller, seededRandom(seed + index), stop.signal)),
    )
    writing.catch(() => undefined) // Reported by `more`, or awaited below.
    await sent.more(rng.int(5, 40))
    await delay(rng.int(0, 12))
    const { pid } = await server.logged('PostgreSQL is running')
    process.kill(Number(pid), 'SIGKILL')
    const { pid: restarted } = await server.logged('PostgreSQL is running again')
    await sent.more(rng.int(5, 40))

    // The death of one backend makes PostgreSQL itself drop all connections and recover.
    process.kill(rng.pick(await backendsOf(Number(restarted))), 'SIGKILL')
    await sent.more(rng.int(20, 60))
    stop.abort()
    await writing

    const counts = await health
    expect(new Set(counts.keys())).toEqual(new Set([200, 503]))
    await sent.expectStored(system.writers(server), system.auditor(server))
    await system.expectAuditIntact()
    // Nothing was reported as a bug of the server.
    expect(server.logs()).not.toContain('unexpected error')
  },
)
