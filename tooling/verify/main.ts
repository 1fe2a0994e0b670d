import { type Check, CHECKS } from './checks.ts'

const AT_ONCE = 2

/** Runs all checks, a few at a time; one line each, and the findings of those that failed at the end. */
async function verify(checks: readonly Check[]): Promise<boolean> {
  const began = performance.now()
  const waiting = [...checks]
  const failed: { check: Check; findings: readonly string[] }[] = []
  const worker = async () => {
    for (let check = waiting.shift(); check !== undefined; check = waiting.shift()) {
      const started = performance.now()
      const findings = await check.run()
      console.log(`${findings.length === 0 ? 'ok  ' : 'FAIL'} ${check.name.padEnd(18)} ${seconds(started)}`)
      if (findings.length > 0) failed.push({ check, findings })
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, worker))
  for (const { check, findings } of failed) {
    console.log(`\n--- ${check.name}\n${findings.join('\n')}`)
  }
  const verdict =
    failed.length === 0 ? 'all checks passed' : `${failed.length} of ${checks.length} checks failed`
  console.log(`\n${verdict} in ${seconds(began)}`)
  return failed.length === 0
}

function seconds(since: number): string {
  return `${((performance.now() - since) / 1000).toFixed(1)} s`
}

process.exitCode = (await verify(CHECKS)) ? 0 : 1
