import { interruption } from './interruption.ts'

/** Where a command reads and writes; results go to stdout, everything else to stderr. */
export type CommandIo = {
  out(text: string): void
  err(text: string): void
  /** Replaces the line that shows progress. */
  status(text: string): void
  /** Whether a person watches stderr. */
  readonly watched: boolean
  readInput(): Promise<string>
  /** Resolves when a person ends a command that goes on by itself; the command then ends as done. */
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
