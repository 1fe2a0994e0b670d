import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'

import { catalogueFindings } from '@fieldsync/messages/testing'
import { expect, it } from 'vitest'

import { en } from './en.ts'
import { es } from './es.ts'
import { recommendationsEn } from './recommendations-en.ts'
import { recommendationsEs } from './recommendations-es.ts'
import { setupEn } from './setup-en.ts'
import { setupEs } from './setup-es.ts'
import { storesEn } from './stores-en.ts'
import { storesEs } from './stores-es.ts'

const CATALOGUE = {
  en: { ...recommendationsEn, ...storesEn, ...setupEn, ...en },
  es: { ...recommendationsEs, ...storesEs, ...setupEs, ...es },
}
const SOURCES = path.resolve(import.meta.dirname, '..')

it('has every text in both languages, and none that nobody asks for', () => {
  const sources = readdirSync(SOURCES, { recursive: true, encoding: 'utf8' })
    .filter(
      (file) =>
        /\.tsx?$/.test(file) &&
        !/^messages\/(?:(?:recommendations|setup|stores)-)?e[ns]\.ts$/.test(file) &&
        !file.includes('.test.'),
    )
    .map((file) => readFileSync(path.join(SOURCES, file), 'utf8'))
  expect(catalogueFindings(CATALOGUE, sources)).toEqual([])
})
