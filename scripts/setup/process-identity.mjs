import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

/**
 * A value that stays the same for one process and differs for the next one with its pid (its start time), or undefined
 * when no process has that number.
 */
export function processIdentity(pid) {
  if (process.platform === 'linux') {
    try {
      // The name in parentheses may contain spaces; the start time is the 20th field after it.
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
      return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]
    } catch {
      return undefined
    }
  }
  if (process.platform === 'win32') {
    try {
      process.kill(pid, 0)
      return 'alive'
    } catch (error) {
      return error.code === 'EPERM' ? 'alive' : undefined
    }
  }
  const { stdout } = spawnSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' })
  return stdout?.trim() || undefined
}
