import { setTimeout as delay } from 'node:timers/promises'

import { roundSeeds, seededRandom } from '@fieldsync/testkit'
import { expect, it } from 'vitest'

import { embeddedSystem } from './testing/embedded-system.ts'
import { SentBatches } from './testing/sent-batches.ts'

const WRITERS = 4
const KILLS = 3

it.each(roundSeeds(1))(
  '[BAT-1] [GUA-1] [GUA-2] [RUN-2] kill -9 of the server under load loses nothing acknowledged, doubles nothing (seed %i)',
  async (seed) => {
    const rng = seededRandom(seed)
    const system = await embeddedSystem(WRITERS)
    const sent = new SentBatches()
    let server = await system.start()
    for (let kill = 0; kill < KILLS; kill++) {
      const writers = [...system.writers(server).values()]
      const writing = Promise.all(
        writers.map((caller, index) =>
          sent.sendAll(caller, seededRandom(seed + 1000 * kill + index), AbortSignal.timeout(30_000)),
        ),
      )
      writing.catch(() => undefined) // Reported by `more`, or awaited below.
      await sent.more(rng.int(5, 40))
      // Anywhere within the life of a request, which takes a few milliseconds.
      await delay(rng.int(0, 12))
      const { pid } = await server.logged('PostgreSQL is running')
      await server.kill('SIGKILL')
      // Its PostgreSQL lives on as an orphan; in some rounds it is killed as well, as by a power cut.
      const both = rng.fraction() < 0.4
      if (both) process.kill(Number(pid), 'SIGKILL')
      await writing

      server = await system.start()
      if (!both) await server.logged('stopped the PostgreSQL that a killed server had left running')
      await sent.expectStored(system.writers(server), system.auditor(server))
    }
    // Once for all kills: what one broke in the chain stays broken.
    await system.expectAuditIntact()
    expect(sent.acknowledged).toBeGreaterThan(KILLS * 5)
  },
  // Four starts, three of which recover a database.
  120_000,
)
