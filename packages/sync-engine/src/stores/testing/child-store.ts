import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { createInterface } from 'node:readline'

/** A process of its own that works on a store's file; it says what it has done, line by line. */
type ChildStore = Disposable & {
  readonly pid: number
  /** Waits for the next line that begins with this and gives what follows; rejects when the process ends before. */
  readonly said: (beginning: string) => Promise<string>
  /** Everything said so far. */
  readonly lines: readonly string[]
  /** Lets the process go on that waits for a word. */
  readonly send: (word: string) => void
  readonly kill: () => Promise<void>
  readonly ended: Promise<{ code: number | null; signal: NodeJS.Signals | null }>
}

/** @param task what {@link store-process.ts} does, and its arguments */
export function childStore(file: string, task: string, ...args: readonly string[]): ChildStore {
  const script = path.join(import.meta.dirname, 'store-process.ts')
  const child = spawn(process.execPath, [script, file, task, ...args], { stdio: ['pipe', 'pipe', 'inherit'] })
  if (child.pid === undefined) throw new Error(`could not start ${process.execPath}`)
  const lines: string[] = []
  let looking: (() => void)[] = []
  const look = (): void => {
    const waiting = looking
    looking = []
    for (const again of waiting) again()
  }
  createInterface({ input: child.stdout }).on('line', (line) => {
    lines.push(line)
    look()
  })
  const ended = endOf(child).finally(look)
  let read = 0
  return {
    pid: child.pid,
    lines,
    ended,
    said: (beginning) =>
      new Promise((resolve, reject) => {
        const again = (): void => {
          for (; read < lines.length; read += 1) {
            const line = lines[read] ?? ''
            if (!line.startsWith(beginning)) continue
            read += 1
            resolve(line.slice(beginning.length))
            return
          }
          if (child.exitCode !== null || child.signalCode !== null) {
            reject(new Error(`the process ended without saying "${beginning}"; it said ${lines.join(' | ')}`))
            return
          }
          looking.push(again)
        }
        again()
      }),
    send: (word) => void child.stdin.write(`${word}\n`),
    kill: async () => {
      child.kill('SIGKILL')
      await ended
    },
    [Symbol.dispose]: () => void child.kill('SIGKILL'),
  }
}

async function endOf(child: ChildProcess): Promise<{ code: number | null; signal: NodeJS.Signals | null }> {
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null] // Node's documented pair
  return { code, signal }
}
