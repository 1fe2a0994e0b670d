import { readdirSync, readFileSync } from 'node:fs'

const CLOCK_TICKS = 100

/** CPU seconds used by a process and all below it together, those that have ended included; NaN where the platform does not report it. */
export function cpuSecondsOfTree(root: number): number {
  const processes = readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .flatMap((entry) => statOf(entry) ?? [])
  const below = (pid: number): number =>
    processes
      .filter((stat) => stat.parent === pid)
      .reduce((sum, stat) => sum + stat.own + stat.ended + below(stat.pid), 0)
  const stat = statOf(String(root))
  return stat ? (stat.own + stat.ended + below(root)) / CLOCK_TICKS : Number.NaN
}

type ProcessStat = { pid: number; parent: number; own: number; ended: number }

/** Clock ticks of a process and of its children that have ended (proc_pid_stat(5)). */
function statOf(pid: string): ProcessStat | undefined {
  try {
    // After the name in parentheses: state, ppid … utime, stime, cutime, cstime.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ').map(Number) ?? []
    const [own = 0, system = 0, ended = 0, endedSystem = 0] = fields.slice(11, 15)
    return { pid: Number(pid), parent: fields[1] ?? 0, own: own + system, ended: ended + endedSystem }
  } catch {
    return undefined
  }
}

/** Resident memory of a process, bytes; NaN where the platform does not report it. */
export function memoryOf(pid: number): number {
  try {
    return Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024
  } catch {
    return Number.NaN
  }
}

/** The most memory that a process has had at once, megabytes; NaN where the platform does not report it. */
export function peakMemoryOf(pid: number): number {
  try {
    const peak = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
    return peak === undefined ? Number.NaN : Number(peak) / 1024
  } catch {
    return Number.NaN
  }
}
