import { once } from 'node:events'
import { createInterface } from 'node:readline/promises'

/** Where a command reads and writes; results go to stdout, everything else to stderr. */
export type CommandIo = {
  out(text: string): void
  err(text: string): void
  /** Replaces the line that shows progress. */
  status(text: string): void
  /** Whether stderr is a terminal. */
  readonly watched: boolean
  readInput(): Promise<string>
  /** Asks a person for a line; undefined where nobody sits at a terminal. */
  readonly ask?: ((question: string) => Promise<string>) | undefined
  /** Resolves when a person ends a command that runs until then; the command then succeeds. */
  untilInterrupted(): Promise<void>
}

async function askAtTerminal(question: string): Promise<string> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr })
  try {
    // Ctrl-D is no answer.
    return await Promise.race([terminal.question(question), once(terminal, 'close').then(() => '')])
  } finally {
    terminal.close()
  }
}

export const processIo: CommandIo = {
  out: (text) => void process.stdout.write(`${text}\n`),
  err: (text) => void process.stderr.write(`${text}\n`),
  status: (text) => void process.stderr.write(`\r\x1b[K${text}`),
  watched: process.stderr.isTTY,
  readInput: async () => {
    let text = ''
    for await (const chunk of process.stdin.setEncoding('utf8')) text += String(chunk)
    return text
  },
  ask: process.stdin.isTTY && process.stderr.isTTY ? askAtTerminal : undefined,
  untilInterrupted: () => interruption.awaited(),
}

/** A termination signal, for a command that awaits it; without such a command the process ends at once. */
class Interruption {
  readonly #waiting = new Set<() => void>()

  /** Resolves with the next signal. */
  awaited(): Promise<void> {
    return new Promise((resolve) => this.#waiting.add(resolve))
  }

  /** @returns whether a command handles it; for a second signal none does */
  raise(): boolean {
    const awaited = [...this.#waiting]
    this.#waiting.clear()
    for (const resolve of awaited) resolve()
    return awaited.length > 0
  }
}

export const interruption = new Interruption()
