import path from 'node:path'

import { isTestCode, type SourceFile } from '../repository.ts'
import { importsOf } from './imports-of.ts'

/** What one child of a folder (a file or a folder) imports from its siblings, each with an example import. */
type Arrows = Map<string, string>
type Graph = Map<string, Arrows>

/**
 * Children of a folder that import each other around a circle, type imports included, one line for each circle. An
 * import counts once, in the innermost folder that contains both its ends. Test code may import from anywhere.
 */
export function cycleFindings(files: readonly SourceFile[]): string[] {
  const code = files.filter(({ path: file }) => !isTestCode(file))
  const known = new Set(code.map((file) => file.path))
  const folders = new Map<string, Graph>()
  for (const file of code) {
    for (const { specifier } of importsOf(file.text)) {
      if (!specifier.startsWith('.')) continue
      const target = path.posix.join(path.posix.dirname(file.path), specifier)
      if (!known.has(target)) continue
      const { folder, from, to } = childrenOf(file.path, target)
      if (from === to) continue
      const graph = getOrAdd(folders, folder, (): Graph => new Map())
      const arrows = getOrAdd(graph, from, (): Arrows => new Map())
      if (!arrows.has(to)) arrows.set(to, `${file.path} imports ${target}`)
    }
  }
  return [...folders].flatMap(([folder, graph]) =>
    circlesOf(graph).map((circle) => `${folder}: ${circle.join('; ')}`),
  )
}

function getOrAdd<T>(map: Map<string, T>, key: string, make: () => T): T {
  const known = map.get(key) ?? make()
  map.set(key, known)
  return known
}

function childrenOf(source: string, target: string): { folder: string; from: string; to: string } {
  const a = source.split('/')
  const b = target.split('/')
  const shared = a.findIndex((part, i) => part !== b[i])
  // A file that imports itself has no part of its own.
  if (shared === -1) return { folder: source, from: '', to: '' }
  return { folder: a.slice(0, shared).join('/'), from: a[shared] ?? '', to: b[shared] ?? '' }
}

/** One circle for each set of children that reach each other: the shortest one through its first child. */
function circlesOf(graph: Graph): string[][] {
  const found: string[][] = []
  const covered = new Set<string>()
  for (const start of [...graph.keys()].sort()) {
    if (covered.has(start)) continue
    const circle = shortestCircle(graph, start)
    if (circle === undefined) continue
    for (const child of circle) covered.add(child)
    found.push(circle.map((child, i) => graph.get(child)?.get(circle[i + 1] ?? start) ?? ''))
  }
  return found
}

function shortestCircle(graph: Graph, start: string): string[] | undefined {
  const before = new Map<string, string>()
  const queue = [start]
  for (let child = queue.shift(); child !== undefined; child = queue.shift()) {
    for (const to of graph.get(child)?.keys() ?? []) {
      if (to === start) return wayTo(before, start, child)
      if (before.has(to)) continue
      before.set(to, child)
      queue.push(to)
    }
  }
  return undefined
}

function wayTo(before: ReadonlyMap<string, string>, start: string, end: string): string[] {
  const way = [end]
  for (let child = end; child !== start;) {
    child = before.get(child) ?? start
    way.unshift(child)
  }
  return way
}
