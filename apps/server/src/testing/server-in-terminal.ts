import { spawn } from 'node:child_process'
import path from 'node:path'
import { platform } from 'node:process'

const MAIN = path.resolve(import.meta.dirname, '../main.ts')

/** The real server as a person starts it: its output is a terminal, and is also collected here. */
export type ServerInTerminal = AsyncDisposable & {
  readonly url: string
  /** Everything that the terminal has shown by now. */
  shown(): string
}

/** Starts it with `script`, which every Linux and macOS has, and waits until it is ready. Disposing stops it. */
export async function serverInTerminal(env: Readonly<Record<string, string>>): Promise<ServerInTerminal> {
  const command = [process.execPath, MAIN]
  const args =
    platform === 'darwin' ? ['-q', '/dev/null', ...command] : ['-qefc', command.join(' '), '/dev/null']
  const { PATH = '', HOME = '', NODE_COMPILE_CACHE = '' } = process.env
  const terminal = spawn('script', args, {
    env: { PATH, HOME, NODE_COMPILE_CACHE, PORT: '0', LOG_FORMAT: 'json', ...env },
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  let output = ''
  const isReady = Promise.withResolvers<void>()
  const ended = Promise.withResolvers<void>()
  terminal.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text.replaceAll('\r', '')
    if (output.includes('"msg":"ready"')) isReady.resolve()
  })
  terminal.on('close', () => {
    ended.resolve()
    isReady.reject(new Error(`the server ended before it was ready:\n${output}`))
  })
  await isReady.promise
  const started = /\{.*"msg":"starting".*\}/.exec(output)?.[0] ?? '{}'
  const { address, pid } = JSON.parse(started) as { address: string; pid: number }
  return {
    url: address,
    shown: () => output,
    [Symbol.asyncDispose]: async () => {
      process.kill(pid, 'SIGTERM')
      await ended.promise
    },
  }
}
