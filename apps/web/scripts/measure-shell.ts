import { readFileSync } from 'node:fs'
import path from 'node:path'
import { gzipSync } from 'node:zlib'

// What is fetched before the first page can be drawn: scripts and styles, packed as the server packs them.
const LIMIT = 300 * 1024

type Chunk = { file: string; isEntry?: boolean; imports?: string[]; css?: string[] }

const dist = path.resolve(import.meta.dirname, '../dist')
const manifest = JSON.parse(readFileSync(path.join(dist, '.vite/manifest.json'), 'utf8')) as Record<
  string,
  Chunk
>

const files = new Set<string>()
function collect(name: string): void {
  const chunk = manifest[name]
  if (chunk === undefined || files.has(chunk.file)) return
  files.add(chunk.file)
  for (const sheet of chunk.css ?? []) files.add(sheet)
  for (const imported of chunk.imports ?? []) collect(imported)
}
for (const [name, { isEntry }] of Object.entries(manifest)) if (isEntry === true) collect(name)

const size = [...files].reduce((sum, file) => sum + gzipSync(readFileSync(path.join(dist, file))).length, 0)
const summary = `shell: ${(size / 1024).toFixed(1)} KB gzipped in ${files.size} files, of ${LIMIT / 1024} KB at most`
if (size > LIMIT || files.size === 0) throw new Error(summary)
process.stdout.write(`${summary}\n`)
