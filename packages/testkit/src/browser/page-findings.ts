import axe from 'axe-core'

import type { Tab } from './test-browser.ts'

type AxeRun = { violations: { id: string; nodes: { html: string; failureSummary?: string }[] }[] }

/** What keeps people from using a page, by axe-core once it has its heading; empty where it found nothing. */
export const pageFindings = (tab: Tab): Promise<string[]> => findings(tab, {})

/** The same for what another theme can change, which is whether people can tell text from what is behind it. */
export const contrastFindings = (tab: Tab): Promise<string[]> =>
  findings(tab, { runOnly: { type: 'rule', values: ['color-contrast'] } })

async function findings(tab: Tab, options: axe.RunOptions): Promise<string[]> {
  // Before a page is drawn it has neither a heading nor a main part.
  await tab.getByRole('heading', { level: 1 }).first().waitFor()
  // By the debugger's own way, which the page's policy does not rule.
  const session = await tab.context().newCDPSession(tab)
  await session.send('Runtime.evaluate', {
    expression: `if (!globalThis.axe) { ${axe.source} }`,
  })
  const { result } = await session.send('Runtime.evaluate', {
    expression: `axe.run(${JSON.stringify(options)}).then((run) => JSON.stringify(run))`,
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

/**
 * Notes what a page says of errors on its console, and what it throws. That a request failed is the browser's own word,
 * and left out where pages are without a network on purpose.
 */
export function pageTroubles(tab: Tab, into: string[], { offline = false } = {}): void {
  tab.on('console', (message) => {
    if (message.type() !== 'error') return
    if (offline && message.text().startsWith('Failed to load resource')) return
    into.push(`${tab.url()}: ${message.text()}`)
  })
  tab.on('pageerror', (error) => into.push(`${tab.url()}: ${error.message}`))
}
