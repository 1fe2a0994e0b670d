// Pictures of every screen, with its empty and its failing states, in both languages, at three widths, by day and by night:
// `pnpm --filter @fieldsync/mobile screenshots <folder>`. They are for people to look at.
import { mkdirSync } from 'node:fs'
import path from 'node:path'

import { DeviceId } from '@fieldsync/contracts'
import { observation } from '@fieldsync/testkit'
import { startBrowser, type Tab } from '@fieldsync/testkit/browser'

import { type AppWorld, NEIGHBOR, OTHER, PHONE, SCOUT, startAppWorld } from './app-world.ts'
import { enrollments } from './enrollments.ts'
import { loseRecord } from './lose-record.ts'
import { phone } from './phone-screen.ts'
import { refuseNext } from './refuse-next.ts'
import { speak } from './speak.ts'

const FOLDER = path.resolve(process.argv[2] ?? 'screenshots')
const WIDTHS = [320, 390, 1440] as const
const THEMES = ['light', 'dark'] as const
const BAR_AND_TABS = 140

process.env['CHROMIUM_PATH'] ??= '/usr/bin/chromium'
mkdirSync(FOLDER, { recursive: true })
await using running = await startAppWorld()
await recommended(running)
await pictures(running)
await setUpByLink(running)
await wiped(running)

async function pictures(world: AppWorld): Promise<void> {
  const { server, otherDevice } = world
  // One of its own ends with the script.
  await using browser = await startBrowser({ profile: true })
  const tab = await browser.open(`${server.url}/app/`)
  const self = phone(tab)
  const goTo = goToIn(tab)

  await tab.getByRole('button', { name: 'Continue' }).waitFor()
  await picture(tab, 'setup')
  await self.button('Continue')
  await picture(tab, 'setup-problem')
  await tab.context().setOffline(true)
  await self.setUp()
  await picture(tab, 'home-first-offline')
  for (const place of ['history', 'conflicts', 'playbook']) {
    await goTo(`/${place}`)
    await picture(tab, `${place}-empty`)
  }
  await tab.context().setOffline(false)
  await goTo('/')
  await self.button('Sync now')
  await self.badge('Up to date')
  await goTo('/new')
  await picture(tab, 'new')
  await tab.getByLabel('Wind').fill('a storm')
  await tab.getByLabel('Observed').fill('yesterday')
  await self.button('Change location')
  await tab.getByLabel('Latitude, longitude').fill('38.5449, -121.')
  await self.button('Save and confirm')
  await picture(tab, 'new-problems')
  await goTo('/')
  await goTo('/new')
  await tab.getByText('an unsaved note you started earlier').waitFor()
  await picture(tab, 'new-begun')
  await self.button('Discard and start over')
  await goTo('/')
  await self.draft('White powder on the lower leaves, also on the first berries near the old well', 'Block 7')
  await self.draft('Scorched leaf edges along the road', 'Block 9')
  await tab.getByRole('link', { name: 'Scorched leaf edges' }).click()
  await self.button('Confirm')
  await tab.getByRole('button', { name: 'Correct' }).waitFor()
  await self.syncNow()
  await self.badge('Up to date')

  // Another device is faster with two changes.
  const other = await otherDevice()
  await other.sync()
  await tab.context().setOffline(true)
  const note = (await other.records('observation')).find(({ document }) => document.status === 'confirmed')
  if (note === undefined) throw new Error('the confirmed note did not arrive')
  await other.correct(note.id, { rawNoteText: 'Salt damage, not heat' }, 'looked at the soil')
  const [playbook] = await other.records('playbook')
  if (playbook === undefined) throw new Error('there is no playbook')
  const pointer = '/rules/rule_heat_moderate/constraints/maxWindKph'
  await other.patchPlaybook({
    playbookId: playbook.id,
    reason: 'windy week',
    operations: [{ op: 'replace', path: pointer, value: 18 }],
  })
  await other.sync()
  await other.stop()
  await goTo(`/history/${note.id}/correct`)
  await tab.getByLabel('Note', { exact: true }).fill('Scorched leaf edges on both sides of the road')
  await tab.getByRole('radio', { name: 'High' }).click()
  await picture(tab, 'correct')
  await tab.getByLabel('Reason for the correction').fill('saw the other side')
  await self.button('Save correction')
  await tab.waitForURL((address) => !address.pathname.endsWith('/correct'))
  await goTo(`/playbook/${playbook.id}/${encodeURIComponent(pointer)}`)
  await tab.getByLabel('Max. wind').fill('500')
  await picture(tab, 'value-problem')
  await tab.getByLabel('Max. wind').fill('14')
  await tab.getByLabel('Reason for the change').fill('spray drift')
  await picture(tab, 'value')
  await self.button('Apply change')
  await tab.waitForURL((address) => !address.pathname.includes('constraints'))
  await goTo('/playbook')
  await picture(tab, 'playbook-pending')
  await goTo('/')
  await picture(tab, 'home-offline')
  await goTo('/settings')
  await picture(tab, 'settings')
  await tab.context().setOffline(false)
  await goTo('/')
  await self.button('Sync now')
  await tab.getByText('changes need your decision').waitFor()
  await picture(tab, 'home-conflicts')
  await goTo('/conflicts')
  await picture(tab, 'conflicts')
  for (const [name, title] of [
    ['conflict-note', 'both sides'],
    ['conflict-playbook', 'spray drift'],
  ] as const) {
    await goTo('/conflicts')
    await tab.getByRole('link', { name: title }).click()
    await tab.waitForTimeout(250)
    await picture(tab, name)
  }
  await goTo('/playbook')
  await picture(tab, 'playbook')
  await goTo('/history')
  await picture(tab, 'history')
  await tab.getByLabel('Search notes and blocks').fill('nothing of the kind')
  await picture(tab, 'history-none')
  await goTo(`/history/${note.id}`)
  await picture(tab, 'note')
  for (const [name, place] of [
    ['note-gone', '/history/obs_20260101_0001'],
    ['conflict-gone', '/conflicts/none'],
    ['value-locked', `/playbook/${playbook.id}/none`],
    ['missing', '/nowhere'],
  ] as const) {
    await goTo(place)
    await picture(tab, name)
  }
  await changedMeanwhile(world, tab, goTo)
  // A server that finds fault with what the app allows.
  await goTo('/')
  await refuseNext(tab, 'old form', '/upserts/observations/0/rawNoteText', 'must name a row of the block')
  await self.draft('A note of the old form', 'Block 4')
  await self.syncNow()
  await self.button('Review')
  await tab.getByRole('link', { name: 'A note of the old form' }).click()
  await tab.getByRole('button', { name: 'Fix and send' }).waitFor()
  await picture(tab, 'quarantine')
  await self.button('Fix and send')
  await tab.getByText('The server does not accept this value').waitFor()
  await picture(tab, 'repair')
  await tab.getByLabel('Note', { exact: true }).fill('A note of row 12')
  await self.button('Send fixed note')
  await tab.waitForURL(/conflicts$/)
  // A token that the server does not take.
  await goTo('/settings')
  await tab.getByLabel('Device token').fill('not the token')
  await self.button('Save connection')
  await self.badge('Token rejected')
  await goTo('/')
  await picture(tab, 'home-signed-out')
  await tab.getByLabel('Settings').click()
  await tab.getByLabel('Device token').fill(PHONE.token)
  await self.button('Save connection')
  await goTo('/')
  await self.badge('Needs attention')
  await onlyHere(world, tab, goTo)
}

/** A recommendation in every state: computed offline, confirmed, replaced after a change of the playbook, none for a note. */
async function recommended(world: AppWorld): Promise<void> {
  await using browser = await startBrowser({ profile: true })
  const tab = await browser.open(`${world.server.url}/app/`)
  const self = phone(tab)
  await self.setUp(SCOUT)
  await self.badge('Up to date')
  const goTo = goToIn(tab)
  await goTo('/recommendations')
  await picture(tab, 'recommendations-empty')
  await tab.context().setOffline(true)
  for (const [words, block, issue, symptom] of [
    ['White powder at the gate', 'Block 7', 'Powdery mildew', 'white powder on leaves'],
    ['Wilting by the road', 'Block 9', 'Heat stress', 'wilting leaves'],
    ['White powder on the hill', 'Block 12', 'Powdery mildew', 'white powder on leaves'],
  ] as const) {
    await goTo('/')
    await self.button('New note')
    await tab.getByLabel('Note', { exact: true }).fill(words)
    await tab.getByRole('textbox', { name: 'Block' }).fill(block)
    await self.choose({ issue, severity: 'Moderate', symptom })
    await self.button('Save and confirm')
    await tab.getByRole('link', { name: words }).waitFor()
  }
  await picture(tab, 'home-recommendations')
  await goTo('/recommendations')
  await picture(tab, 'recommendations')
  await tab.getByRole('link', { name: 'Block 7' }).click()
  await tab.waitForTimeout(250)
  await picture(tab, 'recommendation')
  await self.button('Confirm recommendation')
  await tab.getByRole('button', { name: 'Confirm recommendation' }).waitFor({ state: 'detached' })
  await picture(tab, 'recommendation-confirmed')
  await self.button('Show note')
  await tab.waitForTimeout(250)
  await picture(tab, 'note-recommendation')
  await tab.context().setOffline(false)
  await self.syncNow()
  await self.badge('Up to date')
}

type GoTo = (place: string) => Promise<void>

/** Ways to a place as the app goes there, without loading the page again. */
function goToIn(tab: Tab): GoTo {
  return async (place) => {
    await tab.evaluate((to) => {
      history.pushState({ depth: 1 }, '', `/app${to}`)
      dispatchEvent(new PopStateEvent('popstate'))
    }, place)
    await tab.waitForTimeout(250)
  }
}

/** A form whose note others change, in a field that is edited here and in one that is not. */
async function changedMeanwhile({ otherDevice }: AppWorld, tab: Tab, goTo: GoTo): Promise<void> {
  const other = await otherDevice()
  await other.sync()
  const note = (await other.records('observation')).find(({ document }) => document.status === 'draft')
  if (note === undefined) throw new Error('the draft did not arrive')
  await goTo(`/history/${note.id}/edit`)
  await tab.getByLabel('Note', { exact: true }).fill('White powder on every leaf')
  const { document } = note
  const extraction = { ...document.extraction, fieldBlock: 'Block 10' }
  await other.saveObservation({ ...document, extraction, rawNoteText: 'White powder on two rows' })
  await other.sync()
  await other.stop()
  await tab.getByText('changed by someone else too').waitFor()
  await picture(tab, 'changed-meanwhile')
  await phone(tab).button('Keep mine')
  await goTo('/')
}

/** What is only on this device: unsent under another connection, lost by the server, of another company. */
async function onlyHere({ otherDevice }: AppWorld, tab: Tab, goTo: GoTo): Promise<void> {
  const self = phone(tab)
  const other = await otherDevice()
  const { deviceId: _id, ...seen } = observation({ status: 'confirmed' })
  const deviceId = DeviceId.parse(OTHER.deviceId)
  await other.saveObservation({ ...seen, deviceId, rawNoteText: 'Seen by a phone that is gone' })
  await other.sync()
  await other.stop()
  await tab.getByRole('link', { name: 'Seen by a phone that is gone' }).waitFor()
  await loseRecord(tab, 'Seen by a phone that is gone')
  await self.syncNow()
  await tab.getByText('no longer on the server').waitFor()
  await tab.context().setOffline(true)
  await self.badge('Offline')
  await goTo('/')
  await self.draft('Unsent in block 6', 'Block 6')
  await picture(tab, 'home-only-here')
  await goTo('/settings')
  await tab.getByLabel('Device name').fill(SCOUT.deviceId)
  await tab.getByLabel('Device token').fill(SCOUT.token)
  await self.button('Save connection')
  await tab.getByText('unsent change').first().waitFor()
  await picture(tab, 'settings-leave')
  await self.button('Keep on this device without sending')
  await tab.getByRole('heading', { name: 'Other connections' }).waitFor()
  await picture(tab, 'settings-other')
  await tab.context().setOffline(false)
  await tab.getByLabel('Device name').fill(NEIGHBOR.deviceId)
  await tab.getByLabel('Device token').fill(NEIGHBOR.token)
  await self.button('Save connection')
  await goTo('/')
  await tab.getByText('Notes from another workspace').waitFor()
  await picture(tab, 'home-foreign')
}

/** A device that is set up by a link, in an address without HTTPS: on the way, refused, confirmed, revoked, once more. */
async function setUpByLink({ server }: AppWorld): Promise<void> {
  await using browser = await startBrowser({ profile: true })
  const url = server.url.replace('127.0.0.1', 'farm.test')
  const admin = enrollments(server.url, 'dev_linked')
  const tab = await browser.open('about:blank')
  const self = phone(tab)
  const { link, code } = await admin.open()
  let answer: () => void = () => undefined
  const answered = new Promise<void>((resolve) => (answer = resolve))
  await tab.route('**/v1/devices/enroll', (route) => answered.then(() => route.abort()))
  await tab.goto(link.replace(server.url, url))
  await tab.getByText('Setting up this device on').waitFor()
  await picture(tab, 'setup-running')
  answer()
  await tab.getByText('you can use the same code').waitFor({ timeout: 60_000 })
  await picture(tab, 'setup-no-answer')
  await tab.unroute('**/v1/devices/enroll')
  await tab.getByLabel('Link or code').fill(code.replace(/.$/, 'X'))
  await self.button('Set up')
  await tab.getByText('This code is not valid').waitFor()
  await picture(tab, 'setup-code-not-valid')
  await tab.getByLabel('Link or code').fill(code.slice(0, -2))
  await self.button('Set up')
  await picture(tab, 'setup-code-not-complete')
  const refusal = { error: 'invalid_client', reason: 'unconfirmed', action: 'wait' }
  await tab.route('**/oauth/token', (route) => route.fulfill({ status: 401, json: refusal }))
  await tab.getByLabel('Link or code').fill(code)
  await self.button('Set up')
  await self.badge('Not confirmed')
  await picture(tab, 'home-not-confirmed')
  await tab.unroute('**/oauth/token')
  await self.button('Sync now')
  await self.badge('Up to date')
  await admin.revoke()
  await self.draft('Written while revoked', 'Block 2')
  await self.badge('Key rejected')
  await picture(tab, 'home-revoked')
  await self.button('Set up again')
  await self.button('Details')
  await picture(tab, 'settings-key')
  await tab.goto((await admin.open()).link.replace(server.url, url))
  await tab.getByText('already set up as dev_linked').waitFor()
  await picture(tab, 'settings-opened-link')
}

async function wiped({ server }: AppWorld): Promise<void> {
  await using browser = await startBrowser({ profile: true })
  const admin = enrollments(server.url, 'dev_stolen')
  const tab = await browser.open((await admin.open()).link)
  await tab.getByRole('button', { name: 'Sync now' }).waitFor()
  await phone(tab).badge('Up to date')
  await tab.route('**/v1/sync/batch', (route) => route.abort())
  await phone(tab).draft('Written before the wipe', 'Block 2')
  await tab.route('**/v1/devices/*:acknowledgeWipe', (route) => route.abort())
  await admin.wipe()
  await tab.unroute('**/v1/sync/batch')
  await tab.getByText('Everything stored on this device was deleted.').waitFor()
  await picture(tab, 'wipe-unacknowledged')
  await tab.unroute('**/v1/devices/*:acknowledgeWipe')
  await tab.context().setOffline(true)
  await tab.context().setOffline(false)
  await tab.getByText('1 unsent note was deleted.').waitFor({ timeout: 60_000 })
  await picture(tab, 'wiped')
}

/** One picture for each language, width and theme, as high as what is on the screen. */
async function picture(tab: Tab, name: string): Promise<void> {
  await pictureIn(tab, name)
  await speak(tab, 'es')
  await tab.waitForTimeout(250)
  await pictureIn(tab, `${name}-es`)
  await speak(tab, 'en')
  await tab.waitForTimeout(250)
}

async function pictureIn(tab: Tab, name: string): Promise<void> {
  for (const width of WIDTHS) {
    await tab.setViewportSize({ width, height: 844 })
    const height = await tab.evaluate(() => document.querySelector('[role=main]')?.scrollHeight ?? 0)
    await tab.setViewportSize({ width, height: Math.max(width > 900 ? 900 : 844, height + BAR_AND_TABS) })
    for (const colorScheme of THEMES) {
      await tab.emulateMedia({ colorScheme })
      await tab.waitForTimeout(60)
      await tab.screenshot({ path: path.join(FOLDER, `${name}-${width}-${colorScheme}.png`) })
    }
  }
  await tab.emulateMedia({ colorScheme: 'light' })
  await tab.setViewportSize({ width: 390, height: 844 })
  console.log(name)
}
