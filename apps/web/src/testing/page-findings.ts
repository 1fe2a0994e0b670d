import type { Tab } from '@fieldsync/testkit/browser'
import axe from 'axe-core'

type AxeRun = { violations: { id: string; nodes: { html: string; failureSummary?: string }[] }[] }

/** What keeps people from using a page, by axe-core; empty where it found nothing. */
export async function pageFindings(tab: Tab): Promise<string[]> {
  // By the debugger's own way, which the page's policy does not rule.
  const session = await tab.context().newCDPSession(tab)
  await session.send('Runtime.evaluate', { expression: axe.source })
  const { result } = await session.send('Runtime.evaluate', {
    expression: 'axe.run().then((run) => JSON.stringify(run))',
    awaitPromise: true,
    returnByValue: true,
  })
  await session.detach()
  const { violations } = JSON.parse(String(result.value)) as AxeRun
  return violations.map(
    ({ id, nodes }) =>
      `${id}: ${nodes.map(({ html, failureSummary = '' }) => `${html} ${failureSummary}`).join(' | ')}`,
  )
}

/** Notes what a page says of errors on its console, and what it throws. */
export function pageTroubles(tab: Tab, into: string[]): void {
  tab.on('console', (message) => {
    if (message.type() === 'error') into.push(`${tab.url()}: ${message.text()}`)
  })
  tab.on('pageerror', (error) => into.push(`${tab.url()}: ${error.message}`))
}
