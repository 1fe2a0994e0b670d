import type { SyncEngineOptions } from '../core/engine-options.ts'
import { FieldDevice } from './field-device.ts'
import { RuleServer } from './rule-server.ts'
import { VirtualClock } from './virtual-clock.ts'

/** One farm: a server, and the phones of Anna and Ben, who are agronomists. */
export async function testWorld(options: Partial<SyncEngineOptions> = {}) {
  const clock = new VirtualClock()
  const server = new RuleServer(() => clock.now())
  const device = (name: string) => FieldDevice.open({ server, name, clock, options })
  return { clock, server, anna: await device('anna'), ben: await device('ben'), device }
}
