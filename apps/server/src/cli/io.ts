/** Where a command reads and writes; results go to stdout, everything else to stderr. */
export type CommandIo = {
  out(text: string): void
  err(text: string): void
  /** Replaces the line that shows progress. */
  status(text: string): void
  /** Whether stderr is a terminal. */
  readonly watched: boolean
  readInput(): Promise<string>
  /** Resolves when a person ends a command that runs until then; the command then succeeds. */
  untilInterrupted(): Promise<void>
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
