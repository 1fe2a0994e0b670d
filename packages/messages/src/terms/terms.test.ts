import {
  ConflictCode,
  ConflictResolution,
  Issue,
  Observation,
  OBSERVATION_STATUSES,
  PlaybookRule,
  RECOMMENDATION_STATUSES,
  Severity,
  UpsertEntityType,
  WeatherFeatures,
} from '@fieldsync/contracts'
import { SYMPTOM_NAMES, symptomName } from '@fieldsync/domain'
import { expect, it } from 'vitest'

import { catalogueFindings } from '../testing/catalogue-findings.ts'
import { termsEn } from './terms-en.ts'
import { termsEs } from './terms-es.ts'

const { humidityLayering, windShearProxy } = WeatherFeatures.shape

/** Every word that the contract has a closed list of. */
const LISTS: Readonly<Record<string, readonly string[]>> = {
  issue: Issue.options,
  severity: Severity.options,
  leafWetness: Observation.shape.normalization.shape.leafWetness.options,
  captureMode: Observation.shape.captureMode.options,
  observationStatus: OBSERVATION_STATUSES,
  recommendationStatus: RECOMMENDATION_STATUSES,
  action: PlaybookRule.shape.action.shape.type.options,
  feature: PlaybookRule.shape.timing.shape.weatherAdjustments.element.shape.feature.options,
  condition: [...new Set(['true', 'false', ...humidityLayering.options, ...windShearProxy.options])],
  entity: [...UpsertEntityType.options, 'playbook'],
  conflict: ConflictCode.options,
  resolution: ConflictResolution.options,
}

it('has a word for everything that the contract lists, and for nothing else of the kind', () => {
  const wanted = Object.entries(LISTS).flatMap(([list, names]) => names.map((name) => `${list}.${name}`))
  const listed = Object.keys(termsEn).filter((key) => Object.hasOwn(LISTS, key.split('.')[0] ?? ''))
  expect(listed.toSorted()).toEqual(wanted.toSorted())
})

it('says the same in both languages', () => {
  const every = Object.keys(termsEn).map((key) => `'${key.replace(/_(?:one|other)$/, '')}'`)
  expect(catalogueFindings({ en: termsEn, es: termsEs }, every)).toEqual([])
})

it('[SHP-15] reads a symptom that is typed as the screens name it', () => {
  for (const terms of [termsEn, termsEs]) {
    for (const name of SYMPTOM_NAMES) expect(symptomName(terms[`symptom.${name}`])).toBe(name)
  }
})
