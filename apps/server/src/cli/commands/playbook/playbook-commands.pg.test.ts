import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { Playbook } from '@fieldsync/contracts'
import { altered, testDatabase } from '@fieldsync/testkit'
import { afterAll, beforeAll, expect, it } from 'vitest'

import { runCommandLine } from '../../../testing/run-command-line.ts'

const folder = await mkdtemp(path.join(tmpdir(), 'fieldsync-playbook-'))
afterAll(() => rm(folder, { recursive: true, force: true }))
let environment: Record<string, string>
beforeAll(async () => {
  environment = { DATABASE_URL: (await testDatabase()).appUrl }
})

const run = (line: string) => runCommandLine(environment, line)
const INSTRUCTIONS = '/rules/rule_pm_moderate/action/instructions'

/** A workspace, and a file with its starter playbook, changed. */
async function exported(workspaceId: string, change: (document: unknown) => unknown = (each) => each) {
  await run(`workspace create ${workspaceId}`)
  const { out } = await run(`playbook export ${workspaceId} pbk_yolo_grape`)
  const file = path.join(folder, `${workspaceId}.json`)
  await writeFile(file, JSON.stringify(change(JSON.parse(out))))
  return file
}

it('[RUN-40, PUB-2, PUB-3, PUB-4] publishes a file, rolls back and retires, and lists who did and why', async () => {
  const file = await exported('ws_a', (document) => altered(document, INSTRUCTIONS, 'Wait.'))
  const made = await run(`playbook publish ws_a ${file} --reason Sprayer`)
  expect(made).toMatchObject({ exitCode: 0, err: '', out: 'Published pbk_yolo_grape: version 4 is active.' })
  const stale = await run(`playbook publish ws_a ${file} --reason Again`)
  expect(stale).toMatchObject({ exitCode: 1, err: expect.stringContaining('Version 4 is active') })
  expect((await run('playbook rollback ws_a pbk_yolo_grape --to 3 --reason Better')).out).toContain(
    'version 5',
  )
  expect((await run('playbook retire ws_a pbk_yolo_grape --reason Pulled')).out).toContain('Retired')
  const { out } = await run('playbook history ws_a pbk_yolo_grape')
  expect(out.split('\n').map((line) => line.split(/ {2,}/)[1])).toEqual([
    'KIND',
    'retirement',
    'rollback',
    'publication',
    'creation',
  ])
  expect((await run('playbook rollback ws_a pbk_yolo_grape --to 9 --reason None')).exitCode).toBe(3)
  const document = Playbook.parse(JSON.parse((await run('playbook export ws_a pbk_yolo_grape')).out))
  expect(document.version).toBe(6)
})

it('[RUN-40, PUB-1] creates a playbook from a file, once', async () => {
  const file = await exported('ws_b', (document) => altered(document, '/playbookId', 'pbk_made'))
  expect((await run(`playbook publish ws_b ${file} --new --reason New`)).out).toBe(
    'Created pbk_made: version 1 is active.',
  )
  expect((await run(`playbook publish ws_b ${file} --new --reason New`)).exitCode).toBe(1)
  // The file is of version 3, and the new playbook has no such version.
  expect((await run(`playbook publish ws_b ${file} --reason New`)).exitCode).toBe(1)
})

it('[RUN-40] says what is wrong with a file, place by place', async () => {
  const file = await exported('ws_c', (document) =>
    altered(altered(document, '/rules/rule_pm_moderate/constraints/maxWindKph', 900), '/crop', 'wheat'),
  )
  const { exitCode, err } = await run(`playbook publish ws_c ${file} --reason Wrong`)
  expect(exitCode).toBe(2)
  expect(err).toContain('/crop  ')
  expect(err).toContain('/rules/rule_pm_moderate/constraints/maxWindKph  ')
  await writeFile(file, '{ "playbookId": ')
  expect((await run(`playbook publish ws_c ${file} --reason Wrong`)).err).toContain('is not JSON')
  expect((await run(`playbook publish ws_c ${file}.none --reason Wrong`)).err).toContain('ENOENT')
  expect((await run(`playbook publish ws_c ${file}`)).exitCode).toBe(2)
})

it('[RUN-40, PUB-10, PUB-13] proposes where changes take two persons, and nobody approves their own', async () => {
  const file = await exported('ws_d', (document) => altered(document, INSTRUCTIONS, 'Wait.'))
  expect((await run('workspace settings set ws_d --four-eyes on')).out).toContain('four eyes      on')
  expect((await run(`playbook publish ws_d ${file} --reason Sprayer`)).out).toContain('Proposed as prp_1')
  expect((await run('playbook proposals ws_d')).out).toContain('prp_1')
  const approved = await run('playbook approve ws_d prp_1')
  expect(approved).toMatchObject({ exitCode: 1, err: expect.stringContaining('Somebody else') })
  expect((await run('playbook reject ws_d prp_1 --reason No')).exitCode).toBe(1)
  expect((await run('playbook approve ws_d prp_2')).exitCode).toBe(3)
  expect((await run('playbook proposals ws_d --state approved')).out).toContain('No proposal')
})
