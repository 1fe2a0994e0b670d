import { lineAt, type SourceFile } from '../repository.ts'

const ID = '[A-Z]{2,4}-\\d+[a-z]?'
// A rule is defined where its id stands in bold at the start of a line, list item or table cell.
const DEFINED = new RegExp(`^(?:[-*|\\s]*)\\*\\*(${ID})\\*\\*`, 'gm')
// A test names its rules in brackets, or takes the list from a table of cases.
const LIST = `${ID}(?:, ?${ID})*`
const USED = new RegExp(`\\[(${LIST})\\]|['"\`](${LIST})['"\`]`, 'g')

/** Rules of the protocol that no test names, and ids in tests that no rule has. */
export function ruleIdFindings(protocol: SourceFile, tests: readonly SourceFile[]): string[] {
  const defined = new Map<string, number>()
  const findings: string[] = []
  for (const match of protocol.text.matchAll(DEFINED)) {
    const id = match[1] ?? ''
    const line = lineAt(protocol.text, match.index + match[0].length)
    if (defined.has(id)) findings.push(`${protocol.path}:${line} defines ${id} a second time`)
    defined.set(id, line)
  }
  if (defined.size === 0) findings.push(`${protocol.path} defines no rule`)

  const prefixes = new Set([...defined.keys()].map((id) => id.split('-')[0]))
  const used = new Set<string>()
  for (const test of tests) {
    for (const match of test.text.matchAll(USED)) {
      for (const id of (match[1] ?? match[2] ?? '').split(/, ?/)) {
        used.add(id)
        // SHA-256 and its like have the form of an id, too.
        if (defined.has(id) || !prefixes.has(id.split('-')[0])) continue
        findings.push(
          `${test.path}:${lineAt(test.text, match.index)} names ${id}, which ${protocol.path} does not define`,
        )
      }
    }
  }
  for (const [id, line] of defined) {
    if (!used.has(id)) findings.push(`${protocol.path}:${line} ${id} has no test that names it`)
  }
  return findings
}
