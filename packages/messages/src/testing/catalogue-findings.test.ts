import { expect, it } from 'vitest'

import { catalogueFindings } from './catalogue-findings.ts'

const SOURCE = "t('greeting', { name }); t(`issue.${issue}`); t('notes', { count })"
const EN = {
  greeting: 'Hello {{name}}',
  'issue.mildew': 'Mildew',
  notes_one: 'One note',
  notes_other: '{{count}} notes',
}
const ES = {
  greeting: 'Hola {{name}}',
  'issue.mildew': 'Oídio',
  notes_one: 'Una nota',
  notes_other: '{{count}} notas',
}

it('has nothing to say of two whole catalogues', () => {
  expect(catalogueFindings({ en: EN, es: ES }, [SOURCE])).toEqual([])
})

it.each([
  [{ ...ES, extra: 'más' }, ['extra is missing in en', 'extra is not asked for by any source']],
  [{ ...ES, greeting: ' ' }, ['greeting is empty in es']],
  [{ ...ES, greeting: 'Hola' }, ['greeting names other values in one language: name / ']],
])('finds what is wrong with a translation', (es, findings) => {
  expect(catalogueFindings({ en: EN, es }, [SOURCE])).toEqual(findings)
})

it('finds a text that nobody asks for', () => {
  expect(catalogueFindings({ en: EN, es: ES }, ["t('greeting'); t('notes')"])).toEqual([
    'issue.mildew is not asked for by any source',
  ])
})
