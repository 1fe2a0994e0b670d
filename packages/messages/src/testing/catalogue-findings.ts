import type { Catalogue } from '../message-keys.ts'

export type Catalogues = Readonly<Record<string, Catalogue>>

/**
 * What is wrong with an app's texts: keys that one language lacks, values that a translation leaves out or makes up, and
 * keys that no source asks for. A key built from parts counts as asked for where a source has its fixed beginning in a
 * template: `issue.${issue}` asks for every `issue.` key.
 *
 * @param sources the texts of the files that may ask
 */
export function catalogueFindings(catalogues: Catalogues, sources: readonly string[]): string[] {
  const languages = Object.keys(catalogues)
  const keys = [...new Set(languages.flatMap((language) => Object.keys(catalogues[language] ?? {})))]
  const unequal = keys.flatMap((key) => {
    const lacking = languages.filter((language) => catalogues[language]?.[key] === undefined)
    if (lacking.length > 0) return [`${key} is missing in ${lacking.join(', ')}`]
    const empty = languages.filter((language) => catalogues[language]?.[key]?.trim() === '')
    if (empty.length > 0) return [`${key} is empty in ${empty.join(', ')}`]
    const named = new Set(languages.map((language) => valuesIn(catalogues[language]?.[key] ?? '')))
    return named.size > 1 ? [`${key} names other values in one language: ${[...named].join(' / ')}`] : []
  })
  const asked = askedIn(sources)
  const unused = [...new Set(keys.map((key) => key.replace(/_(?:one|other)$/, '')))]
    .filter(
      (key) => !asked.whole.has(key) && !asked.beginnings.some((beginning) => key.startsWith(beginning)),
    )
    .map((key) => `${key} is not asked for by any source`)
  return [...unequal, ...unused]
}

const valuesIn = (text: string): string =>
  [...new Set([...text.matchAll(/\{\{(\w+)\}\}/g)].map(([, name = '']) => name))]
    .toSorted((a, b) => (a < b ? -1 : 1))
    .join(', ')

function askedIn(sources: readonly string[]) {
  const whole = new Set<string>()
  const beginnings = new Set<string>()
  for (const source of sources) {
    for (const [, key = ''] of source.matchAll(/['"`]([\w.]+)['"`]/g)) whole.add(key)
    for (const [, beginning = ''] of source.matchAll(/`([\w.]+\.)\$\{/g)) beginnings.add(beginning)
  }
  return { whole, beginnings: [...beginnings] }
}
