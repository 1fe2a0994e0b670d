// Runs generated scripts of the device simulator with one seed after the other, and counts what they come to. It can be
// ended at any moment (Ctrl-C, SIGTERM); a start with the same file goes on behind the last seed.

import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'

import { generateDayScript } from '../src/devices/day-script.ts'
import { generateEmptiedServerScript, generateIdentityScript } from '../src/devices/derived-scripts.ts'
import type { DeviceScript } from '../src/devices/device-script.ts'
import {
  generateDirectScript,
  generateDeviceScript,
  generateLinkScript,
  generateWideScript,
} from '../src/devices/generate-device-script.ts'
import { runDeviceScript } from '../src/devices/run-device-script.ts'

const USAGE = `npm run simulate -- [options]

  --seed <n>     the first seed (default: the day, as 20260211000)
  --scripts <n>  how many seeds in all (default 1000)
  --steps <n>    steps of each script (default 90)
  --about <name> wide (default), plain, direct, links, emptied, identity or day: which scripts, see where each is generated
  --file <path>  keeps the counts, and goes on from them (default: nothing is kept)

Each failure is printed with its seed: SIM_SEED=<seed> npm test -- --project pure simulator/src/devices shrinks it.`

const GENERATORS: ReadonlyMap<string, (seed: number, steps: number) => DeviceScript> = new Map([
  ['wide', generateWideScript],
  ['plain', generateDeviceScript],
  ['direct', generateDirectScript],
  ['links', generateLinkScript],
  ['emptied', generateEmptiedServerScript],
  ['identity', generateIdentityScript],
  ['day', generateDayScript],
])

const REPORT_EVERY = 50
const SHOWN_FINDINGS = 3

type Progress = {
  seed: number
  scripts: number
  calls: number
  conflicts: number
  faults: number
  crashes: number
  milliseconds: number
  failures: { seed: number; findings: string[] }[]
}

const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    scripts: { type: 'string', default: '1000' },
    steps: { type: 'string', default: '90' },
    about: { type: 'string', default: 'wide' },
    file: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
})

if (values.help) console.log(USAGE)
else process.exitCode = await search()

/** @returns the exit code: 1 if any script failed */
async function search(): Promise<number> {
  const today = Number(new Date().toISOString().slice(0, 10).replaceAll('-', '')) * 1000
  const seed = values.seed === undefined ? today : wholeNumber('--seed', values.seed)
  const scripts = wholeNumber('--scripts', values.scripts)
  const steps = wholeNumber('--steps', values.steps)
  const generate = GENERATORS.get(values.about)
  if (!generate) throw new Error(`--about is one of ${[...GENERATORS.keys()].join(', ')}`)
  const progress = readProgress(seed)
  const stop = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort())
  while (progress.scripts < scripts && !stop.signal.aborted) {
    const next = progress.seed + progress.scripts
    const before = performance.now()
    const { findings, calls, conflicts, faults, crashes } = await runDeviceScript(generate(next, steps))
    progress.milliseconds += performance.now() - before
    progress.scripts++
    progress.calls += calls
    progress.conflicts += conflicts
    progress.faults += faults
    progress.crashes += crashes
    if (findings.length > 0) {
      progress.failures.push({ seed: next, findings: findings.slice(0, SHOWN_FINDINGS) })
      console.log([`seed ${next}:`, ...findings.slice(0, SHOWN_FINDINGS)].join('\n  '))
    }
    if (progress.scripts % REPORT_EVERY === 0) report(progress)
  }
  report(progress)
  return progress.failures.length > 0 ? 1 : 0
}

function readProgress(seed: number): Progress {
  const { file } = values
  if (file === undefined || !existsSync(file))
    return { seed, scripts: 0, calls: 0, conflicts: 0, faults: 0, crashes: 0, milliseconds: 0, failures: [] }
  // Written by this script alone.
  const progress = JSON.parse(readFileSync(file, 'utf8')) as Progress
  if (values.seed !== undefined && progress.seed !== seed)
    throw new Error(`${file} counts from seed ${progress.seed}: leave --seed out, or name another file`)
  return progress
}

function report(progress: Progress): void {
  const { scripts, calls, conflicts, faults, crashes, milliseconds, failures } = progress
  if (values.file !== undefined) writeFileSync(values.file, `${JSON.stringify(progress, null, 2)}\n`)
  const each = scripts === 0 ? 0 : Math.round(milliseconds / scripts)
  console.log(
    `${scripts} scripts, ${failures.length} failed; ${calls} calls, ${conflicts} conflicts, ${faults} faults, ` +
      `${crashes} crashes; ${each} ms each`,
  )
}

function wholeNumber(name: string, text: string): number {
  if (!/^\d+$/.test(text)) throw new Error(`${name} must be a whole number`)
  return Number(text)
}
