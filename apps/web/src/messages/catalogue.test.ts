import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'

import { termsEn, termsEs } from '@fieldsync/messages'
import { catalogueFindings } from '@fieldsync/messages/testing'
import { expect, it } from 'vitest'

import { en } from './en.ts'
import { es } from './es.ts'

const SRC = path.resolve(import.meta.dirname, '..')

it('the console says everything in both languages, and says nothing that no page asks for', () => {
  const sources = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.tsx?$/.test(file) && !/(?:^|[/-])e[ns]\.ts$|\.test\.ts$/.test(file))
    .map((file) => readFileSync(path.join(SRC, file), 'utf8'))
  // Terms that both apps share may be the other app's alone.
  const shared = new Set(
    [...Object.keys(termsEn), ...Object.keys(termsEs)].flatMap((key) => [
      key,
      key.replace(/_(?:one|other)$/, ''),
    ]),
  )
  const findings = catalogueFindings({ en, es }, sources).filter(
    (each) => !shared.has(each.split(' ')[0] ?? ''),
  )
  expect(findings).toEqual([])
})
