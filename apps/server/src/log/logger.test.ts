import { spawn } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'

import { expect, it, onTestFinished } from 'vitest'

const LOGGER = path.join(import.meta.dirname, 'logger.ts')

// Several lines at once, so that some are still buffered when the process ends; after fatal ones pino writes them out
// itself.
const PROGRAM = `
  import { createLog } from ${JSON.stringify(LOGGER)}
  const log = await createLog({ logLevel: 'info', logFormat: 'json' }, [])
  process.stdin.once('data', async () => {
    for (let line = 0; line < 3; line++)
      log.logger.fatal({ line, text: 'x'.repeat(500_000) }, 'a line')
    await log.exit(7)
  })`

function program() {
  const child = spawn(process.execPath, ['--input-type=module-typescript', '--eval', PROGRAM])
  onTestFinished(() => void child.kill('SIGKILL'))
  return child
}

it('has written every line when the process ends', async () => {
  const child = program()
  let written = ''
  child.stdout.on('data', (text) => (written += text))
  child.stdin.write('go')
  expect(await once(child, 'close')).toEqual([7, null])
  expect(written.match(/"line":\d/g)).toEqual(['"line":0', '"line":1', '"line":2'])
})

it('lets the process end where its reader has gone', async () => {
  const child = program()
  child.stdout.destroy()
  child.stdin.write('go')
  expect(await once(child, 'exit')).toEqual([7, null])
})

it('lets the process end where its reader reads no more', async () => {
  const child = program()
  child.stdin.write('go')
  expect(await once(child, 'exit')).toEqual([7, null])
})

// Secrets as an operator may choose them, in every place in which a careless line could have them.
const SECRETS = {
  token: 'canary"\\token with spaces, {"and": "marks"}',
  password: 'canary-pa%/?#ss:w@rd',
  pepper: 'canary-pepper-\u{1f347}-\u{1f347}-\u{1f347}',
}
const LEAKS = `
  import { createLog } from ${JSON.stringify(LOGGER)}
  const { secrets, format } = JSON.parse(process.argv[1])
  const { logger, scrub, exit } = await createLog({ logLevel: 'trace', logFormat: format }, Object.values(secrets))
  const url = new URL('postgresql://app@db.example:5432/fieldsync')
  url.password = secrets.password
  const named = { ...secrets, DATABASE_URL: url.href, authorization: 'Bearer ' + secrets.token }
  for (const secret of [...Object.values(secrets), url.href, JSON.stringify(named), encodeURIComponent(secrets.token)]) {
    logger.info(secret)
    logger.info('as an argument: %s', secret)
    logger.warn({ reason: secret, list: [secret], [secret]: 'as a key' }, 'in a field')
    logger.warn({ request: { headers: { one: { two: { ...named, three: secret } } } } }, 'deep in a field')
    const cause = Object.assign(new Error('cause: ' + secret), { config: named })
    const error = new AggregateError([cause], secret, { cause })
    logger.error({ err: error }, 'of an error')
    logger.error(error)
    logger.child({ bound: secret }).fatal(named, 'bound')
    process.stderr.write(scrub(secret + '\\n'))
  }
  logger.info({ others: 'postgresql://app:canary-unknown@db/x', headers: { 'x-device-token': 'canary-header' } },
    'Bearer canary-bearer')
  await exit(0)`

it.each(['json', 'pretty'])(
  '[ACC-3] has no token, password or address of the database in any line (%s)',
  async (format) => {
    const args = JSON.stringify({ secrets: SECRETS, format })
    const child = spawn(process.execPath, ['--input-type=module-typescript', '--eval', LEAKS, args])
    onTestFinished(() => void child.kill('SIGKILL'))
    let written = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (written += text))
    expect(await once(child, 'close')).toEqual([0, null])
    expect(written).toContain('[hidden]')
    expect(written).not.toMatch(/canary|marks/)
    if (format === 'json') expect(messagesOf(written)).toContain('deep in a field')
    else expect(written).toMatch(/^\[\d\d:\d\d:\d\d\] .*WARN.*: in a field \{"reason":/m)
  },
)

const messagesOf = (lines: string): unknown[] =>
  lines
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => (JSON.parse(line) as { msg?: unknown }).msg)
