import { testDatabase } from '@fieldsync/testkit'
import { beforeAll, expect, it } from 'vitest'

import { runCommandLine } from '../../testing/run-command-line.ts'

let environment: Record<string, string>

beforeAll(async () => {
  const database = await testDatabase()
  environment = { DATABASE_URL: database.appUrl, PEPPER: 'a pepper of at least 32 characters.' }
})

const run = (line: string) => runCommandLine(environment, line)
const json = async (line: string): Promise<unknown> => JSON.parse((await run(`${line} --json`)).out)

it('[RUN-10][GRA-9, GRA-12, GRA-13] lists, gives and ends grants', async () => {
  await run('workspace create ws_g')
  await run('device create ws_g dev_agro --role agronomist')
  await run('device create ws_g dev_scout --role scout')
  expect((await run('grant list ws_g')).out).toMatch(
    /dev_agro +every playbook +edit create delete +without an end +its role/,
  )
  const given = await run(
    'grant create ws_g dev_agro --action publish edit --path /rules --playbook pbk_yolo_grape --until 2099-01-01T00:00:00Z',
  )
  expect(given).toMatchObject({
    exitCode: 0,
    out: expect.stringContaining('edit, publish at pbk_yolo_grape /rules, until 2099-01-01 00:00Z'),
  })
  const grantId = /grt_[0-9a-f]{32}/.exec(given.out)?.[0] ?? ''
  expect(await json('grant list ws_g --of dev_agro --playbook pbk_yolo_grape')).toMatchObject([
    { grantId, grantedBy: null, byRole: false },
    { byRole: true },
  ])
  expect(await json(`grant revoke ws_g ${grantId}`)).toMatchObject({ grantId, alreadyRevoked: false })
  expect((await run(`grant revoke ws_g ${grantId}`)).out).toContain('was ended already')
  expect(await json('grant list ws_g --ended')).toMatchObject([{ grantId, revokedBy: null }])
  expect((await run('grant list ws_g --of dev_scout')).out).toContain('no such grants')
})

it('[RUN-10] says by its exit code what is wrong', async () => {
  await run('workspace create ws_h')
  await run('device create ws_h dev_scout --role scout')
  expect(await run('grant create ws_h dev_scout --action edit')).toMatchObject({ exitCode: 1 })
  expect(await run('grant create ws_h dev_nobody --action edit')).toMatchObject({ exitCode: 3 })
  expect(await run('grant create ws_h dev_scout --action edit --path rules')).toMatchObject({ exitCode: 2 })
  expect(await run('grant create ws_h dev_scout')).toMatchObject({ exitCode: 2 })
  expect(await run(`grant revoke ws_h grt_${'0'.repeat(32)}`)).toMatchObject({ exitCode: 3 })
})
