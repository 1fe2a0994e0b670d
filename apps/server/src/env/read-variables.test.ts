import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { afterAll, expect, it } from 'vitest'

import { SECRET_VARIABLES } from './database-env.ts'
import { readServerEnv } from './server-env.ts'

const folder = await mkdtemp(path.join(tmpdir(), 'fieldsync-secret-files-'))
afterAll(() => rm(folder, { recursive: true }))

async function secretFile(name: string, content: string): Promise<string> {
  const file = path.join(folder, name)
  await writeFile(file, content)
  return file
}

it('[RUN-50] reads secrets from files, without the line break at their end', async () => {
  const url = 'postgresql://fieldsync_app:from-a-file@db:5432/fieldsync'
  const { database, deviceTokens } = readServerEnv({
    DATABASE_URL_FILE: await secretFile('url', `${url}\n`),
    PEPPER_FILE: await secretFile('pepper', 'a pepper of at least 32 characters.\r\n'),
    DEVICE_TOKENS_FILE: await secretFile('tokens', 'ws_a/dev_a=a-token-from-a-file\n'),
  })
  expect(database.external?.appUrl).toBe(url)
  expect(database.pepper).toBe('a pepper of at least 32 characters.')
  expect(deviceTokens).toMatchObject([{ token: 'a-token-from-a-file' }])
})

it('[RUN-50] names each file that cannot be used, beside other bad variables, and shows no content', async () => {
  const issues = () =>
    readServerEnv({
      PORT: 'none',
      PEPPER_FILE: short,
      METRICS_TOKEN_FILE: path.join(folder, 'missing'),
      OIDC_CLIENT_SECRET_FILE: empty,
      DATABASE_URL: 'postgresql://user:canary@db/fieldsync',
      DATABASE_URL_FILE: short,
    })
  const short = await secretFile('short', 'canary')
  const empty = await secretFile('empty', '\n')
  expect(issues).toThrow(/PORT +"none"/)
  expect(issues).toThrow(/PEPPER +\(value hidden\) +must be a secret of at least 32 characters/)
  expect(issues).toThrow(/METRICS_TOKEN_FILE +".*missing" +must be the path of a file: ENOENT/)
  expect(issues).toThrow(/OIDC_CLIENT_SECRET_FILE +".*empty" +must not be an empty file/)
  expect(issues).toThrow(/DATABASE_URL_FILE +".*short" +must not be set together with DATABASE_URL/)
  expect(issues).not.toThrow(/canary/)
})

it('[RUN-50] takes only secrets from files', async () => {
  expect(readServerEnv({ PORT_FILE: await secretFile('port', '9000') }).port).toBe(8787)
})

it('[RUN-50] the documentation lists every secret that a file may hold', async () => {
  const page = await readFile(
    path.resolve(import.meta.dirname, '../../../../docs/operations/configure.md'),
    'utf8',
  )
  const [, list = ''] = /^Each secret can be a file:.*?That\ngoes for (.*?)\.$/ms.exec(page) ?? []
  const listed = [...list.matchAll(/`(\w+)`/g)].map(([, name = '']) => name)
  expect(new Set(listed)).toEqual(SECRET_VARIABLES)
})
