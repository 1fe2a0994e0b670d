import { spawn } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'

import { expect, it, onTestFinished } from 'vitest'

const LOGGER = path.join(import.meta.dirname, 'logger.ts')

// Several lines at once, so that some are still buffered when the process ends; after fatal ones pino writes them out
// itself.
const PROGRAM = `
  import { createLog } from ${JSON.stringify(LOGGER)}
  const log = createLog({ logLevel: 'info', logFormat: 'json' }, [])
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
