import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { constants } from 'node:os'

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP']
const SHELLS = new Set(['sh', 'dash', 'bash', 'ash'])
const PARENT_POLL_MS = 250
const startedBy = ancestors()

/**
 * Runs a command as if it replaced this process: same streams, signals forwarded, its exit code (128 + n for signal n)
 * returned.
 */
export function runChild(command, args, options) {
  const child = spawn(command, args, { ...options, stdio: 'inherit' })
  for (const signal of SIGNALS) {
    process.on(signal, () => {
      // Ctrl-C in a terminal reaches the child by itself; a second one would mean "at once".
      if (signal === 'SIGINT' && process.stdin.isTTY) return
      child.kill(signal)
    })
  }
  // Not every npm (or shell between us) passes a SIGTERM on; some just exit and leave us running.
  const watch = setInterval(() => {
    if (ancestors() === startedBy) return
    clearInterval(watch)
    child.kill('SIGTERM')
  }, PARENT_POLL_MS).unref()

  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code, signal) => resolve(code ?? 128 + (constants.signals[signal] ?? 0)))
  })
}

// Our parent, and its parent too when ours is only the shell of an npm script.
function ancestors() {
  const parent = process.ppid
  if (process.platform !== 'linux') return String(parent)
  try {
    const stat = readFileSync(`/proc/${parent}/stat`, 'utf8')
    const name = stat.slice(stat.indexOf('(') + 1, stat.lastIndexOf(')'))
    const grandparent = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]
    return SHELLS.has(name) ? `${parent} ${grandparent}` : String(parent)
  } catch {
    return String(parent)
  }
}
