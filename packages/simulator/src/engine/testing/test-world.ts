import type { SyncEngineOptions } from '@fieldsync/sync-engine'
import { seededRandom } from '@fieldsync/testkit'

import { VirtualClock } from '../../time/virtual-clock.ts'
import { TestDevice } from './test-device.ts'
import { TestServer } from './test-server.ts'

const START = Date.parse('2026-02-11T18:00:00Z')

/** One farm: a server, and the phones of Anna and Ben, who are agronomists. */
export async function testWorld(options: Partial<SyncEngineOptions> = {}) {
  const clock = new VirtualClock(seededRandom(1), START)
  const server = new TestServer(clock)
  const device = (name: string) => TestDevice.open({ server, name, clock, options })
  return { clock, server, anna: await device('anna'), ben: await device('ben'), device }
}

export type TestWorld = Awaited<ReturnType<typeof testWorld>>
