import { Writable } from 'node:stream'

const COLOURS: Readonly<Record<string, string>> = { warn: '\x1b[33m', error: '\x1b[31m', fatal: '\x1b[31m' }
const DIM = '\x1b[2m'
const RESET = '\x1b[0m'

type Line = {
  level: string
  time: string
  msg?: string
  err?: { message?: string; stack?: string }
} & Record<string, unknown>

/** Turns JSON log lines into lines for people: time of day, level, message, then the other fields. */
export function prettyLines(target: NodeJS.WritableStream, color: boolean): Writable {
  return new Writable({
    decodeStrings: false,
    write(chunk: string, _encoding, done) {
      target.write(prettyLine(chunk, color))
      done()
    },
  })
}

export function prettyLine(json: string, color: boolean): string {
  const { level, time, msg = '', err, ...fields } = JSON.parse(json) as Line
  const paint = (code: string, text: string) => (color ? `${code}${text}${RESET}` : text)
  const rest = Object.entries(fields).map(
    ([key, value]) => `${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
  )
  const head = `${paint(DIM, clockTime(time))} ${paint(COLOURS[level] ?? '', level.padEnd(5))} ${msg}`
  const tail = rest.length > 0 ? ` ${paint(DIM, rest.join(' '))}` : ''
  const stack = err === undefined ? '' : `\n${err.stack ?? err.message ?? ''}`
  return `${head}${tail}${stack}\n`
}

function clockTime(instant: string): string {
  return new Date(instant).toTimeString().slice(0, 8)
}
