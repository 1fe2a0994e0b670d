import type { SyncEngineOptions } from '@fieldsync/sync-engine'
import { seededRandom } from '@fieldsync/testkit'
import { expect, onTestFinished, TestRunner } from 'vitest'

import { VirtualClock } from '../../time/virtual-clock.ts'
import { TestDevice } from './test-device.ts'
import { TestServer } from './test-server.ts'

const START = Date.parse('2026-02-11T18:00:00Z')

/** One farm: a server, and the phones of Anna and Ben, who are agronomists. At the end of the test nothing of their engines is left. */
export async function testWorld(options: Partial<SyncEngineOptions> = {}) {
  const clock = new VirtualClock(seededRandom(1), START)
  const server = new TestServer(clock)
  const device = async (name: string) => {
    const opened = await TestDevice.open({ server, name, clock, options })
    // Some tests play a day while they are collected, to learn what is in it.
    if (TestRunner.getCurrentTest() === undefined) return opened
    onTestFinished(async () => expect(await opened.end(), `what ${name} holds after its stop`).toEqual([]))
    return opened
  }
  return { clock, server, anna: await device('anna'), ben: await device('ben'), device }
}

export type TestWorld = Awaited<ReturnType<typeof testWorld>>
