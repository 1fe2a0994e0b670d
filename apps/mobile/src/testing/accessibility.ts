import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'

import type { Tab } from '@fieldsync/testkit/browser'
import type * as Axe from 'axe-core'

const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js')

declare const axe: typeof Axe

/** What axe-core finds on the page as it is, by WCAG 2.2 A and AA: the rule, and the first element that breaks it. */
export async function accessibilityFindings(tab: Tab): Promise<string[]> {
  await tab.evaluate(readFileSync(AXE, 'utf8'))
  return tab.evaluate(async () => {
    const { violations } = await axe.run(document, {
      runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
    })
    return violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html ?? ''}`)
  })
}
