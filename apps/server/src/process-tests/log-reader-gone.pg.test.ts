import { startProgram, testDatabase } from '@fieldsync/testkit'
import { expect, it, onTestFinished } from 'vitest'

import { sync } from '../testing/sync-over-http.ts'

const PEPPER = 'the pepper of the tests of logs, long enough'
const TOKEN = 'pre-shared-token-of-scout-1'

/** A server whose standard output the test reads itself, and can stop reading. */
async function server(format: 'json' | 'pretty') {
  const { appUrl, ownerUrl } = await testDatabase()
  const program = startProgram('main.ts', [], {
    PORT: '0',
    LOG_FORMAT: format,
    PEPPER,
    DATABASE_URL: appUrl,
    MIGRATION_DATABASE_URL: ownerUrl,
    DEVICE_TOKENS: `ws_ridge/dev_scout_1=${TOKEN}`,
  })
  onTestFinished(() => void program.child.kill('SIGKILL'))
  const started = await new Promise<string>((resolve) => {
    program.onStdout((text) => {
      if (text.includes('ready')) resolve(text)
    })
  })
  const url = /http:\/\/127\.0\.0\.1:\d+/.exec(started)?.[0] ?? ''
  return { program, caller: { url, deviceId: 'dev_scout_1', token: TOKEN } }
}

it.each(['json', 'pretty'] as const)(
  '[RUN-8] a server whose log is no longer read goes on, and stops when asked to (%s)',
  async (format) => {
    const { program, caller } = await server(format)
    program.child.stdout?.destroy()
    for (let call = 0; call < 3; call++) expect((await sync(caller)).status).toBe(200)
    program.child.kill('SIGTERM')
    expect(await program.ended).toMatchObject({ code: 0, signal: null })
  },
)

it('[RUN-10] a command whose output is not read to its end reports no error', async () => {
  const program = startProgram('cli/main.ts', ['--help'], {})
  program.child.stdout?.destroy()
  expect(await program.ended).toMatchObject({ code: 0, stderr: '' })
})
