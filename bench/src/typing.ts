import type { Tab } from '@fieldsync/testkit/browser'

import { clientAt } from './clients.ts'
import type { Chromium } from './devices/chromium.ts'
import type { Target } from './target.ts'

/** A phone against this machine. */
const CPU_THROTTLING = 4
/** Between two keys: a quick typist on a phone. */
const PAUSE_MS = 100
const LONGEST_SYNC_MS = 30 * 60_000
/** A minute of typing is enough, however long the sync takes. */
const TYPING_MS = 60_000
const AT_REST = 60
const TEXT = 'Powdery mildew on the lower leaves, the whole row along the road. '

/** How long a key takes to the next frame, milliseconds, and how often it was pressed. */
export type KeyTimes = { keys: number; p50: number; p95: number; worst: number; longestTask: number }

export type Typing = { records: number; syncing: KeyTimes; atRest: KeyTimes }

/** What the page notes of itself. */
type Probe = { waits: number[]; tasks: number[] }

/**
 * Types into the note of the real field app in a slowed-down Chromium, while its first sync runs and when that is over.
 *
 * @param records of the workspace that it joins
 */
export async function measureTyping(
  { url }: Target,
  records: number,
  chromium: Chromium,
  say: (text: string) => void,
): Promise<Typing> {
  say(`typing while ${records.toLocaleString('en')} records come down`)
  const tab = await chromium.browser.open('about:blank')
  await tab.setViewportSize({ width: 390, height: 844 })
  await tab.goto(`${url}/app/`)
  const { deviceId, token } = clientAt(1)
  await tab.getByLabel('Device name').fill(deviceId)
  await tab.getByLabel('Device token').fill(token)
  const session = await tab.context().newCDPSession(tab)
  await session.send('Emulation.setCPUThrottlingRate', { rate: CPU_THROTTLING })
  await tab.getByRole('button', { name: 'Continue' }).click()
  await tab.getByRole('button', { name: 'New note' }).click()
  await tab.getByLabel('Note', { exact: true }).click()
  await watchKeys(tab)
  const isSyncing = async () => (await tab.getByRole('banner').getByText('Up to date').count()) === 0
  if (!(await isSyncing())) throw new Error('the first sync was over before anything was typed')
  const until = performance.now() + TYPING_MS
  while (performance.now() < until && (await isSyncing())) await type(tab, 20)
  const syncing = await keyTimes(tab)
  await session.send('Emulation.setCPUThrottlingRate', { rate: 1 })
  await tab.getByRole('banner').getByText('Up to date').waitFor({ timeout: LONGEST_SYNC_MS })
  await session.send('Emulation.setCPUThrottlingRate', { rate: CPU_THROTTLING })
  await keyTimes(tab)
  await type(tab, AT_REST)
  const atRest = await keyTimes(tab)
  await tab.close()
  return { records, syncing, atRest }
}

async function type(tab: Tab, keys: number): Promise<void> {
  for (let i = 0; i < keys; i++) {
    await tab.keyboard.press(TEXT[i % TEXT.length] ?? 'a')
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
  }
}

/** Notes for each key the time from its press to the end of the next frame, and each task of more than 50 ms. */
async function watchKeys(tab: Tab): Promise<void> {
  // As text: this program's types know no page.
  await tab.evaluate(`
    globalThis.probe = { waits: [], tasks: [] }
    addEventListener('keydown', ({ timeStamp }) => requestAnimationFrame(() => {
      const channel = new MessageChannel()
      channel.port1.onmessage = () => probe.waits.push(performance.now() - timeStamp)
      channel.port2.postMessage('')
    }), { capture: true })
    new PerformanceObserver((list) => probe.tasks.push(...list.getEntries().map(({ duration }) => duration)))
      .observe({ type: 'longtask' })
    undefined`)
}

/** What was noted since the last time. */
async function keyTimes(tab: Tab): Promise<KeyTimes> {
  const probe = await tab.evaluate<Probe>(
    `(() => { const noted = probe; globalThis.probe = { waits: [], tasks: [] }; return noted })()`,
  )
  const sorted = probe.waits.toSorted((a, b) => a - b)
  const at = (share: number) => sorted[Math.floor((sorted.length - 1) * share)] ?? Number.NaN
  const longestTask = Math.max(0, ...probe.tasks)
  return { keys: sorted.length, p50: at(0.5), p95: at(0.95), worst: at(1), longestTask }
}

export function typingTable({ records, syncing, atRest }: Typing): string {
  const line = ({ keys, p50, p95, worst, longestTask }: KeyTimes) =>
    `${keys} keys, to the next frame p50 ${p50.toFixed(0)} ms, p95 ${p95.toFixed(0)} ms, at most ${worst.toFixed(0)} ms; ` +
    `longest task ${longestTask.toFixed(0)} ms`
  return `field app, CPU throttled ${CPU_THROTTLING} times, first sync of ${records.toLocaleString('en')} records:\n  while it runs: ${line(syncing)}\n  afterwards: ${line(atRest)}`
}
