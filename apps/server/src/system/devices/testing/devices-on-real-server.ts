import {
  describeDeviceRun,
  type DeviceRun,
  type DeviceScript,
  runDeviceScript,
  shrinkDeviceScript,
} from '@fieldsync/simulator'
import { seededRandom } from '@fieldsync/testkit'

import { DeviceSystem } from './device-system.ts'
import { FaultProxy } from './fault-proxy.ts'
import { type BreakReal, RealDeviceServer } from './real-device-server.ts'
import { RealWork } from './real-work.ts'

const DEVICES = ['dev_anna', 'dev_ben', 'dev_cleo', 'dev_dan']
const SHRINK_ATTEMPTS = 120

/** The result of a run on the real server. */
type RealRun = DeviceRun & { readonly compared: number; readonly kills: number }

/** One real server for many scripts, each of which starts from its initial state. */
type RealDevices = AsyncDisposable & {
  play(script: DeviceScript, breaks?: BreakReal): Promise<RealRun>
  /** @throws Error with the shrunk script of a run that broke a guarantee */
  expectSound(script: DeviceScript, seed?: number): Promise<RealRun>
}

export async function realDevices(): Promise<RealDevices> {
  const work = new RealWork()
  await using stack = new AsyncDisposableStack()
  const system = stack.use(await DeviceSystem.start(DEVICES))
  const proxy = stack.use(await FaultProxy.start(work))
  const play = async (script: DeviceScript, breaks?: BreakReal): Promise<RealRun> => {
    const before = system.kills
    const servers: RealDeviceServer[] = []
    const run = await runDeviceScript(script, undefined, (site) => {
      const server = new RealDeviceServer({ system, proxy, work }, site, DEVICES, breaks)
      servers.push(server)
      return server
    })
    for (const server of servers) await server.end()
    const compared = servers.reduce((sum, { shadow }) => sum + shadow.compared, 0)
    return { ...run, compared, kills: system.kills - before }
  }
  const expectSound = async (script: DeviceScript, seed?: number): Promise<RealRun> => {
    const run = await play(script)
    if (run.findings.length === 0) return run
    const fails = async (each: DeviceScript) => (await play(each)).findings.length > 0
    const shrunk = await shrinkDeviceScript(script, fails, SHRINK_ATTEMPTS)
    const again = await play(shrunk)
    // What depends on the moment of a kill may not be reproducible.
    throw new Error(describeDeviceRun(again.findings.length > 0 ? again : run, shrunk, seed))
  }
  const started = stack.move()
  return { play, expectSound, [Symbol.asyncDispose]: () => started.disposeAsync() }
}

/** The script with a server that dies more often: about once in this many steps. */
export function withKills(script: DeviceScript, every: number): DeviceScript {
  const rng = seededRandom(Math.imul(script.seed, 43))
  const steps = script.steps.flatMap((step) =>
    rng.int(1, every) === 1 ? [step, { do: 'restart' as const }] : [step],
  )
  return { ...script, steps }
}
