import { derivedRecommendationId } from '@fieldsync/agronomy'
import { pageFindings } from '@fieldsync/testkit/browser'
import { it, expect } from 'vitest'

import { consoleWorld } from './testing/console-world.ts'
import { confirmedNote, pushNotes, pushRecommendation, recommendNow } from './testing/recommended.ts'

const { farm, signIn } = await consoleWorld()
const { scout } = farm.callers
const PAGE = '/playbooks/pbk_yolo_grape'

it('[APP-107, APP-108] the list leads to what a recommendation rests on, and to what has taken its place', async () => {
  const first = await recommendNow(scout, 'North slope')
  const tab = await signIn('agronomist', '/')
  const main = tab.getByRole('main')
  await tab.getByRole('link', { name: 'Recommendations', exact: true }).press('Enter')
  const row = tab.getByRole('row').filter({ hasText: 'North slope' })
  await row.getByText('Awaiting confirmation').waitFor()
  await row.getByText('Powdery mildew · Moderate').waitFor()
  expect(await pageFindings(tab)).toEqual([])
  await tab.getByLabel('Status').selectOption({ label: 'Rejected' })
  await tab.getByRole('button', { name: 'Apply' }).press('Enter')
  await tab.waitForURL(/status=rejected/)
  await main.getByText('No recommendations', { exact: true }).waitFor()
  await tab.getByRole('button', { name: 'Clear' }).press('Enter')
  await row.getByRole('link').press('Enter')
  await main.getByText('Made-up profile').waitFor()
  await main.getByText(/^The rule allows wind up to/).waitFor()
  await main.getByText('It replaces none and is replaced by none.').waitFor()
  expect(await pageFindings(tab)).toEqual([])

  const { observationId, recommendationId } = first
  const successor = {
    ...first,
    // As one that was computed by a version that is not here yet.
    recommendationId: derivedRecommendationId({ ...first, playbookVersion: first.playbookVersion + 1 }),
    supersedes: recommendationId,
    action: 'Use the small sprayer.',
  }
  await pushRecommendation(scout, successor)
  await main.getByText('Another recommendation has taken its place.').waitFor()
  await main.getByRole('link', { name: 'Open the one that counts' }).press('Enter')
  await main.locator('.sides').getByText('Use the small sprayer.').waitFor()
  await main.getByRole('link', { name: 'North slope' }).press('Enter')
  await tab.waitForURL(new RegExp(observationId))
  const replaced = main.getByRole('listitem').filter({ hasText: 'Replaced' })
  await replaced.getByText('Awaiting confirmation').waitFor()
  expect(await pageFindings(tab)).toEqual([])
  await tab.close()
})

it('[APP-110] before a playbook is changed its page shows which open recommendations would change, and how', async () => {
  const open = await recommendNow(scout, 'East slope')
  const tab = await signIn('agronomist', PAGE)
  await tab.getByRole('button', { name: 'Edit values' }).press('Enter')
  const wind = tab.getByRole('group', { name: 'Powdery mildew · Moderate' }).getByLabel('Max. wind')
  await wind.fill('6')
  const preview = tab.getByRole('region', { name: 'Open recommendations' })
  const changed = preview.getByRole('listitem').filter({ hasText: 'East slope' })
  await changed.getByText('The rule allows wind up to 6 mph.').waitFor()
  expect(await pageFindings(tab)).toEqual([])
  await tab.getByLabel('Language').selectOption('es')
  await tab.getByRole('heading', { name: 'Recomendaciones abiertas' }).waitFor()
  expect(await pageFindings(tab)).toEqual([])
  await tab.getByLabel('Idioma').selectOption('en')
  await tab.getByLabel('Reason').fill('The small sprayer drifts')
  await tab.getByRole('button', { name: 'Apply changes' }).press('Enter')
  await tab.getByText('The small sprayer drifts').waitFor()
  const made = derivedRecommendationId({ ...open, playbookVersion: open.playbookVersion + 1 })
  await tab.goto(`${farm.origin}/recommendations/${made}`)
  const main = tab.getByRole('main')
  await main.locator('.sides').getByText('The rule allows wind up to 6 mph.').waitFor()
  await main.getByRole('listitem').filter({ hasText: 'Replaced' }).getByRole('link').press('Enter')
  await main.getByText('Another recommendation has taken its place.').waitFor()
  await tab.close()
})

it('[APP-109] who may correct a note has a recommendation computed, and sees why there is none', async () => {
  const [withRule, withoutRule] = [confirmedNote(scout, 'powdery_mildew'), confirmedNote(scout, 'other')]
  await pushNotes(scout, [withRule, withoutRule])
  const tab = await signIn('agronomist', `/observations/${withRule.observationId}`, { refuses: true })
  const main = tab.getByRole('main')
  await main.getByRole('button', { name: 'Compute recommendation' }).press('Enter')
  await main.getByRole('status').getByRole('link', { name: 'Open it' }).press('Enter')
  await main.getByText('It replaces none and is replaced by none.').waitFor()
  await tab.goto(`${farm.origin}/observations/${withoutRule.observationId}`)
  await main.getByRole('button', { name: 'Compute recommendation' }).press('Enter')
  await main.getByRole('alert').waitFor()
  expect(await pageFindings(tab)).toEqual([])
  await tab.close()
  const other = await signIn('viewer', `/observations/${withRule.observationId}`)
  await other.getByRole('heading', { name: 'Recommendations' }).waitFor()
  await expect.poll(() => other.getByRole('button', { name: 'Compute recommendation' }).count()).toBe(0)
  await other.close()
})
