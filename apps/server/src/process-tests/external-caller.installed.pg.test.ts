import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'

import { runProgram, startServer, testDatabase } from '@fieldsync/testkit'
import { expect, it } from 'vitest'

const run = promisify(execFile)
const GUIDE = new URL('../../../../docs/operations/services.md', import.meta.url)

it('[SVC-4] the external caller of docs/operations/services.md stores an observation with curl', async () => {
  const { appUrl, ownerUrl } = await testDatabase()
  const env = {
    DATABASE_URL: appUrl,
    MIGRATION_DATABASE_URL: ownerUrl,
    PEPPER: 'a pepper of at least 32 characters.',
    DEVICE_TOKENS: 'ws_ridge/dev_scout_1#admin=pre-shared-token-one',
  }
  await using server = await startServer({ env })
  const guide = await readFile(GUIDE, 'utf8')
  const create = /fieldsync -- (service create ws_ridge .*?) +#/.exec(guide)?.[1] ?? ''
  const created = await runProgram('cli/main.ts', [...create.split(' '), '--json'], env)
  const { clientSecret } = JSON.parse(created.stdout) as { clientSecret: string }

  const script = (/```sh\n(URL=[\s\S]*?)```/.exec(guide)?.[1] ?? '').replace(
    'http://127.0.0.1:8787',
    server.url,
  )
  const answer = run('sh', ['-c', script])
  answer.child.stdin?.end(`${clientSecret}\n`)
  const { stdout } = await answer
  expect(JSON.parse(stdout.slice(stdout.indexOf('{')))).toMatchObject({
    deviceId: 'dev_scout_1',
    status: 'confirmed',
  })
  const audit = await fetch(`${server.url}/v1/audit?limit=1`, {
    headers: { 'x-device-token': 'pre-shared-token-one' },
  })
  expect(await audit.json()).toMatchObject([{ actor: { kind: 'service', deviceId: 'dev_svc_import' } }])
  expect(server.logs()).not.toContain(clientSecret)
})
