import type { CommandIo } from '../cli/io.ts'
import { runCli } from '../cli/run-cli.ts'

type Typed = {
  /** On standard input. */
  readonly input?: string | undefined
  /** What a person at a terminal types when asked; nobody is there without it. */
  readonly answered?: string | undefined
}

/** Runs one command in this process, and gives back what it printed. */
export async function runCommandLine(
  environment: Readonly<Record<string, string>>,
  line: string,
  { input = '', answered }: Typed = {},
): Promise<{ exitCode: number; out: string; err: string }> {
  const printed = { out: '', err: '' }
  const io: CommandIo = {
    // Each call of it is a line.
    out: (text) => void (printed.out += printed.out === '' ? text : `\n${text}`),
    err: (text) => void (printed.err += text),
    status: () => undefined,
    watched: false,
    readInput: () => Promise.resolve(input),
    untilInterrupted: () => Promise.resolve(),
    ...(answered === undefined ? {} : { ask: () => Promise.resolve(answered) }),
  }
  const exitCode = await runCli(line.split(' '), environment, io)
  return { exitCode, ...printed }
}
