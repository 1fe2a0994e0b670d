import { randomUUID } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'

import type { OperationName } from '@fieldsync/contracts'
import { altered, callOperation, pullPage, runProgram } from '@fieldsync/testkit'
import { pageFindings, startBrowser, type Tab, type TestBrowser } from '@fieldsync/testkit/browser'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'

import { consoleWorld } from './testing/console-world.ts'
import { accept, invite } from './testing/people.ts'

const { farm, signIn } = await consoleWorld()
const { admin } = farm.callers
const PAGE = '/playbooks/pbk_yolo_grape'
const INSTRUCTIONS = '/rules/rule_pm_moderate/action/instructions'

const call = async (operation: OperationName, input: Record<string, unknown>) => {
  const { status, text } = await callOperation({ ...admin, operation, input, key: randomUUID() })
  if (status >= 300) throw new Error(text)
  return JSON.parse(text) as Record<string, unknown>
}
const active = () => call('playbooks.get', { playbookId: 'pbk_yolo_grape' })
const documentField = (tab: Tab) => tab.getByLabel('Playbook (JSON)')

describe('publishing', () => {
  it('[APP-85, APP-86] shows what is wrong and what will change, and the history says why', async () => {
    const tab = await signIn('admin', PAGE)
    await tab.getByRole('button', { name: 'Publish…' }).press('Enter')
    const field = documentField(tab)
    const text = await field.inputValue()
    await tab.getByText('No differences.').waitFor()
    await field.fill('{')
    await tab.getByText('This is not JSON.').waitFor()
    await field.fill(JSON.stringify(altered(JSON.parse(text), '/rules/rule_pm_moderate/severity', 'huge')))
    await tab.getByText('1 place is not valid:').waitFor()
    await tab.getByRole('main').getByText('/rules/rule_pm_moderate/severity', { exact: true }).waitFor()
    expect(await pageFindings(tab)).toEqual([])
    await field.fill(JSON.stringify(altered(JSON.parse(text), INSTRUCTIONS, 'Wait for the wind.')))
    await tab.getByText('Wait for the wind.', { exact: true }).waitFor()
    const { version } = await active()
    const next = `Publish version ${Number(version) + 1}`
    await tab.getByRole('button', { name: next }).press('Enter')
    await tab.getByText('Enter a reason.').waitFor()
    await tab.getByLabel('Reason').fill('Limits of the new sprayer')
    await tab.getByRole('button', { name: next }).press('Enter')
    await tab
      .getByRole('listitem')
      .filter({ hasText: 'Limits of the new sprayer' })
      .getByText('Published')
      .waitFor()
    expect(await active()).toMatchObject({ version: Number(version) + 1 })
    await tab.close()
  })

  it('[APP-85] a version that became active meanwhile is compared first, and nothing that was typed is lost', async () => {
    const tab = await signIn('admin', PAGE, { refuses: true })
    await tab.getByRole('button', { name: 'Publish…' }).click()
    const text = await documentField(tab).inputValue()
    const { version, ...document } = await active()
    const theirs = altered(document, INSTRUCTIONS, 'Theirs.')
    const input = { playbookId: 'pbk_yolo_grape', baseVersion: version, document: theirs, reason: 'First' }
    await call('playbooks.publish', input)
    await documentField(tab).fill(JSON.stringify(altered(JSON.parse(text), INSTRUCTIONS, 'Mine.')))
    await tab.getByLabel('Reason').fill('Second')
    await tab.getByRole('button', { name: 'Publish version' }).click()
    await tab.getByRole('button', { name: 'Compare with the new version' }).click()
    await tab.getByText('Theirs.', { exact: true }).waitFor()
    await tab.getByRole('button', { name: `Publish version ${Number(version) + 2}` }).click()
    await tab.getByRole('listitem').filter({ hasText: 'Second' }).getByText('Published').waitFor()
    await tab.close()
  })

  it('[APP-85] creates a playbook, and refuses an id that is there', async () => {
    const tab = await signIn('admin', '/playbooks', { refuses: true })
    await tab.getByRole('button', { name: 'Create playbook…' }).click()
    const { version: _, ...document } = await active()
    await documentField(tab).fill(JSON.stringify(document))
    await tab.getByLabel('Reason').fill('For the new block')
    await tab.getByRole('button', { name: 'Publish version 1' }).click()
    await tab.getByText('There is one with this id already.').waitFor()
    await documentField(tab).fill(JSON.stringify({ ...document, playbookId: 'pbk_lodi_grape' }))
    await tab.getByRole('button', { name: 'Publish version 1' }).click()
    await tab.waitForURL(/pbk_lodi_grape/)
    await tab.getByText('For the new block').waitFor()
    await tab.close()
  })

  it('[APP-86, APP-87] retires and rolls back, in the other language', async () => {
    const tab = await signIn('admin', PAGE)
    await tab.getByLabel('Language').selectOption('es')
    await tab.getByRole('button', { name: 'Retirar…' }).press('Enter')
    await tab.getByLabel('Motivo').fill('Se arrancó el cuadro')
    expect(await pageFindings(tab)).toEqual([])
    await tab.getByRole('button', { name: 'Retirar', exact: true }).press('Enter')
    await tab.getByText('Todavía se puede leer').waitFor()
    await tab.getByRole('dialog').waitFor({ state: 'detached' })
    await expect.poll(() => tab.getByRole('button', { name: 'Editar valores' }).isDisabled()).toBe(true)
    await expect.poll(() => tab.getByRole('button', { name: 'Retirar…' }).count()).toBe(0)
    await tab.getByRole('button', { name: 'Volver a la versión 3' }).press('Enter')
    await tab.getByLabel('Motivo').fill('Se replantó')
    expect(await pageFindings(tab)).toEqual([])
    await tab.getByRole('button', { name: 'Volver a esta versión' }).press('Enter')
    await tab.getByRole('listitem').filter({ hasText: 'Se replantó' }).waitFor()
    await tab.getByText('Todavía se puede leer').waitFor({ state: 'detached' })
    await tab.getByLabel('Idioma').selectOption('en')
    await tab.close()
  })
})

describe('who may not', () => {
  it('[APP-89] an agronomist without a grant sees why, and a scout is offered nothing', async () => {
    const tab = await signIn('agronomist', PAGE)
    await tab.getByText('You have no permission to publish this.').waitFor()
    await expect.poll(() => tab.getByRole('button', { name: 'Publish…' }).isDisabled()).toBe(true)
    await expect.poll(() => tab.getByRole('button', { name: 'Edit values' }).isDisabled()).toBe(false)
    await tab.close()
    const other = await signIn('scout', PAGE)
    await other.getByRole('heading', { name: 'Versions' }).waitFor()
    for (const name of ['Publish…', 'Retire…', 'Edit values', 'Roll back'])
      await expect.poll(() => other.getByRole('button', { name }).count()).toBe(0)
    await other.close()
  })

  it('[APP-88, APP-89] where changes take two persons a device sees the proposals, and why it may not decide', async () => {
    const { version } = await call('workspace.settings', {})
    await call('workspace.changeSettings', { baseVersion: version, fourEyes: true })
    onTestFinished(async () => {
      await call('workspace.changeSettings', { baseVersion: Number(version) + 1, fourEyes: false })
    })
    await propose('Ours is drier.')
    const tab = await signIn('admin', PAGE)
    await tab.getByText('a device cannot').first().waitFor()
    for (const name of ['Publish…', 'Retire…', 'Edit values', 'Approve', 'Reject'])
      await expect.poll(() => tab.getByRole('button', { name, exact: true }).isDisabled()).toBe(true)
    await tab.getByRole('button', { name: 'Show changes' }).press('Enter')
    await tab.getByText('Ours is drier.', { exact: true }).waitFor()
    expect(await pageFindings(tab)).toEqual([])
    await tab.close()
  })
})

describe('two people', () => {
  let ana: Tab
  let ben: Tab
  const browsers: TestBrowser[] = []
  /** Somebody who accepts an invitation, in a browser of their own. */
  const personOf = async (link: string, name: string): Promise<Tab> => {
    const browser = await startBrowser()
    browsers.push(browser)
    return await accept(browser, link, name)
  }

  beforeAll(async () => {
    const device = await signIn('admin', '/people', { refuses: true })
    ana = await personOf(await invite(device, 'ana@farm.example', 'Administrator'), 'Ana Ruiz')
    ben = await personOf(await invite(device, 'ben@farm.example', 'Administrator'), 'Ben Ito')
    await device.close()
    const { version } = await call('workspace.settings', {})
    await call('workspace.changeSettings', { baseVersion: version, fourEyes: true })
  })
  afterAll(async () => {
    for (const browser of browsers) await browser[Symbol.asyncDispose]()
  })

  it('[APP-88, PUB-10, PUB-13] one proposes, the other approves, and a phone receives it', async () => {
    const before = await active()

    await ben.goto(`${farm.origin}${PAGE}`)
    await ben.getByRole('button', { name: 'Edit values' }).click()
    await ben.getByLabel('Max. wind').first().fill('9')
    await ben.getByLabel('Reason').fill('Gusty afternoons')
    await ben.getByRole('button', { name: 'Propose' }).click()
    await ben.getByText(/^Proposed as prp_\d+/).waitFor()
    const own = ben.getByRole('listitem').filter({ hasText: 'Gusty afternoons' })
    await own.getByRole('button', { name: 'Withdraw' }).waitFor()
    await expect.poll(() => own.getByRole('button', { name: 'Approve' }).count()).toBe(0)
    expect(await pageFindings(ben)).toEqual([])

    await ana.goto(`${farm.origin}${PAGE}`)
    const theirs = ana.getByRole('listitem').filter({ hasText: 'Gusty afternoons' })
    await theirs.getByText('by Ben Ito').waitFor()
    await theirs.getByRole('button', { name: 'Approve' }).click()
    const dialog = ana.getByRole('dialog')
    await dialog.getByText('Max. wind').waitFor()
    await dialog.getByLabel('Comment (optional)').fill('Seen in block 7')
    expect(await pageFindings(ana)).toEqual([])
    await dialog.getByRole('button', { name: 'Approve' }).click()
    await dialog.waitFor({ state: 'detached' })
    await ana.getByText('Edited · Ben Ito · approved by Ana Ruiz').waitFor()
    await ana.getByText('Approved by Ana Ruiz: Seen in block 7').waitFor()

    const pulled = await pullPage(farm.callers.scout)
    expect(pulled.downstream.playbooks).toContainEqual(await active())
    expect(await active()).toMatchObject({ version: Number(before['version']) + 1 })
  })

  it('[APP-106] a playbook that one would create, the other finds among all proposals and approves', async () => {
    await ana.goto(`${farm.origin}/playbooks`)
    await ana.getByRole('button', { name: 'Create playbook…' }).press('Enter')
    const { version: _, ...document } = await active()
    await documentField(ana).fill(JSON.stringify({ ...document, playbookId: 'pbk_north_grape' }))
    await ana.getByLabel('Reason').fill('For the north side')
    await ana.getByRole('button', { name: 'Propose', exact: true }).press('Enter')
    await ana.getByText(/^Proposed as prp_\d+/).waitFor()
    await ana.getByRole('link', { name: 'Proposals', exact: true }).press('Enter')
    const creation = ana.getByRole('listitem').filter({ hasText: 'For the north side' })
    await creation.getByRole('button', { name: 'Withdraw' }).waitFor()

    await ben.goto(`${farm.origin}/proposals?state=open`)
    const asked = ben.getByRole('listitem').filter({ hasText: 'For the north side' })
    await asked.getByText('New playbook').waitFor()
    await asked.getByRole('button', { name: 'Approve' }).press('Enter')
    const approval = ben.getByRole('dialog')
    await approval.getByText('/rules/rule_pm_moderate/severity', { exact: true }).waitFor()
    expect(await pageFindings(ben)).toEqual([])
    await approval.getByRole('button', { name: 'Approve' }).press('Enter')
    await approval.waitFor({ state: 'detached' })
    // Others may be open: those of the tests before.
    await asked.waitFor({ state: 'detached' })
    await ben.getByLabel('State').selectOption({ label: 'Approved' })
    await ben.getByRole('button', { name: 'Apply' }).press('Enter')
    await asked.getByRole('link', { name: 'pbk_north_grape' }).press('Enter')
    await ben.getByText('Created · Ana Ruiz · approved by Ben Ito').waitFor()
  })
})

/** A proposal of the operator, made on the command line. */
async function propose(instructions: string): Promise<void> {
  const folder = await mkdtemp(path.join(tmpdir(), 'fieldsync-proposal-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const file = path.join(folder, 'playbook.json')
  await writeFile(file, JSON.stringify(altered(await active(), INSTRUCTIONS, instructions)))
  const args = ['playbook', 'publish', 'ws_ridge', file, '--reason', 'Dry season']
  const { code, stderr } = await runProgram('cli/main.ts', args, farm.database)
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
}
