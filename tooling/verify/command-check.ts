import { execFile } from 'node:child_process'

import type { Check } from './check.ts'
import { REPOSITORY } from './repository.ts'

/** A check by another tool: its whole output is the finding when it exits with a code other than 0. */
export function commandCheck(name: string, script: string, ...args: string[]): Check {
  return {
    name,
    run: () =>
      new Promise((resolve) => {
        const options = {
          cwd: REPOSITORY,
          maxBuffer: 64 * 1024 * 1024,
          // Two checks run at once, and each of them that is written in Go would take every core for itself: on two cores
          // its threads then do a third more work than one does alone.
          env: { ...process.env, NO_COLOR: '1', GOMAXPROCS: '1' },
        }
        execFile(process.execPath, [script, ...args], options, (error, stdout, stderr) => {
          resolve(error === null ? [] : [`${stdout}${stderr}`.trim() || error.message])
        })
      }),
  }
}
