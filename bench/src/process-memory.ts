import { readFileSync } from 'node:fs'

/** The most memory that a process has had at once, megabytes; NaN where the platform does not report it. */
export function peakMemoryOf(pid: number): number {
  try {
    const peak = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
    return peak === undefined ? Number.NaN : Number(peak) / 1024
  } catch {
    return Number.NaN
  }
}
