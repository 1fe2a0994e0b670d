import {
  describeFieldRun,
  type FieldRun,
  type FieldScript,
  runFieldScript,
  shrinkFieldScript,
} from '@fieldsync/simulator'
import { seededRandom } from '@fieldsync/testkit'

import { FaultProxy } from './fault-proxy.ts'
import { FieldSystem } from './field-system.ts'
import { type BreakReal, RealFieldServer } from './real-field-server.ts'
import { RealWork } from './real-work.ts'

const DEVICES = ['dev_anna', 'dev_ben', 'dev_cleo', 'dev_dan']
const SHRINK_ATTEMPTS = 120

/** The result of a run on the real server. */
type RealRun = FieldRun & { readonly compared: number; readonly kills: number }

/** One real server for many scripts, each of which starts from its initial state. */
type RealField = AsyncDisposable & {
  play(script: FieldScript, breaks?: BreakReal): Promise<RealRun>
  /** @throws Error with the shrunk script of a run that broke a guarantee */
  expectSound(script: FieldScript, seed?: number): Promise<RealRun>
}

export async function realField(): Promise<RealField> {
  const work = new RealWork()
  await using stack = new AsyncDisposableStack()
  const system = stack.use(await FieldSystem.start(DEVICES))
  const proxy = stack.use(await FaultProxy.start(work))
  const play = async (script: FieldScript, breaks?: BreakReal): Promise<RealRun> => {
    const before = system.kills
    const servers: RealFieldServer[] = []
    const run = await runFieldScript(script, undefined, (site) => {
      const server = new RealFieldServer({ system, proxy, work }, site, DEVICES, breaks)
      servers.push(server)
      return server
    })
    for (const server of servers) await server.end()
    const compared = servers.reduce((sum, { shadow }) => sum + shadow.compared, 0)
    return { ...run, compared, kills: system.kills - before }
  }
  const expectSound = async (script: FieldScript, seed?: number): Promise<RealRun> => {
    const run = await play(script)
    if (run.findings.length === 0) return run
    const fails = async (each: FieldScript) => (await play(each)).findings.length > 0
    const shrunk = await shrinkFieldScript(script, fails, SHRINK_ATTEMPTS)
    const again = await play(shrunk)
    // What depends on the moment of a kill may not be reproducible.
    throw new Error(describeFieldRun(again.findings.length > 0 ? again : run, shrunk, seed))
  }
  const started = stack.move()
  return { play, expectSound, [Symbol.asyncDispose]: () => started.disposeAsync() }
}

/** The script with a server that dies more often: about once in this many steps. */
export function withKills(script: FieldScript, every: number): FieldScript {
  const rng = seededRandom(Math.imul(script.seed, 43))
  const steps = script.steps.flatMap((step) =>
    rng.int(1, every) === 1 ? [step, { do: 'restart' as const }] : [step],
  )
  return { ...script, steps }
}
