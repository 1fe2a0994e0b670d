import { readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'

const SRC = path.resolve(import.meta.dirname, '../src')
const LIBRARY = path.dirname(createRequire(import.meta.url).resolve('@mantine/core/styles.css'))
/** Of no component. The library's variables are written by the theme (`vite.config.ts`). */
const GENERAL = ['baseline', 'global']
const VARIABLES = 'default-css-variables'

const read = (file: string): string => readFileSync(path.join(LIBRARY, file), 'utf8')

/**
 * The component library's styles for the components that our sources import, and for those that these are made of, in the
 * library's own order. All of its styles would be a third of what is fetched before the first page.
 */
export function libraryStyles(): string {
  const classes = usedClasses()
  const all = read('styles.css')
  const sheets = readdirSync(path.join(LIBRARY, 'styles'))
    .filter((file) => file.endsWith('.css') && !file.endsWith('.layer.css'))
    .map((file) => file.slice(0, -'.css'.length))
    .filter((name) => !GENERAL.includes(name) && name !== VARIABLES)
    .map((name) => read(`styles/${name}.css`))
    .filter((sheet) => (sheet.match(/m_[0-9a-f]+/g) ?? []).some((found) => classes.has(found)))
    .toSorted((one, other) => all.indexOf(one.trim()) - all.indexOf(other.trim()))
  if (sheets.length === 0) throw new Error('the component library has no styles for what is imported')
  return [...GENERAL.map((name) => read(`styles/${name}.css`)), ...sheets].join('\n')
}

/** The classes of all modules that are reached from what our sources import. */
function usedClasses(): Set<string> {
  const index = read('esm/index.mjs')
  const files = new Map(
    [...index.matchAll(/import \{ ([^}]+) \} from "\.\/([^"]+)"/g)].flatMap(([, names = '', file = '']) =>
      names.split(',').map((name) => [name.trim().split(' ').at(-1) ?? '', `esm/${file}`] as const),
    ),
  )
  const waiting: string[] = importedNames().flatMap((name) => files.get(name) ?? [])
  const seen = new Set<string>()
  const classes = new Set<string>()
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    if (seen.has(file)) continue
    seen.add(file)
    const source = read(file)
    if (file.endsWith('.module.mjs'))
      for (const found of source.match(/m_[0-9a-f]+/g) ?? []) classes.add(found)
    for (const [, next = ''] of source.matchAll(/from "(\.[^"]+)"/g))
      waiting.push(path.join(path.dirname(file), next))
  }
  return classes
}

/** What our sources import from the library; types among them lead nowhere. */
function importedNames(): string[] {
  return readdirSync(SRC, { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.tsx?$/.test(file))
    .map((file) => readFileSync(path.join(SRC, file), 'utf8'))
    .flatMap((source) => [...source.matchAll(/import \{([^}]+)\} from '@mantine\/core'/g)])
    .flatMap(([, names = '']) => names.split(',').map((name) => name.trim()))
    .filter((name) => name !== '' && !name.startsWith('type '))
}
