import { MONITOR_ONLY_REASONS, REFUSALS } from '@fieldsync/agronomy'
import { RiskFlag, WeatherFeatures } from '@fieldsync/contracts'
import { describe, expect, it } from 'vitest'

import { createMessages } from '../create-messages.ts'
import { actionAdvice, driverText, noRecommendationText, riskFlagText } from './advice-text.ts'
import { termsEn } from './terms-en.ts'
import { termsEs } from './terms-es.ts'
import { rationaleText } from './weather-text.ts'

const messages = createMessages(termsEn, termsEs)
const english = messages('en', 'us')
const spanish = messages('es')
const { humidityLayering, windShearProxy } = WeatherFeatures.shape

/** Everything that the engine stores, with a value of each kind. */
const DRIVERS = [
  ...['true', 'false', 'unknown'].map((value) => `inversionPresent=${value}`),
  ...humidityLayering.options.map((value) => `humidityLayering=${value}`),
  ...windShearProxy.options.map((value) => `windShearProxy=${value}`),
  ...['sprayWindowScore', 'diseaseRiskScore', 'heatStressScore'].flatMap((name) => [
    `${name}=0.35`,
    `${name}=unknown`,
  ]),
  ...['windKph', 'temperatureC', 'relativeHumidityPct'].map((name) => `${name}=12`),
  ...['maxWindKph', 'maxTemperatureC', 'maxRelativeHumidityPct', 'minHoursWithoutRain'].flatMap((name) => [
    `${name}=12`,
    `${name}=12:not_checked`,
  ]),
  'avoidInversion=true',
  'avoidInversion=true:not_checked',
  'irrigationWindowLocal=04:30-07:00',
  'supersededStatus=confirmed',
  'supersededStatus=rejected',
  ...MONITOR_ONLY_REASONS.map((reason) => `monitorOnly=${reason}`),
]

describe('[AGR-16] a recommendation in words', () => {
  it('has a sentence of its own for every driver, in both languages', () => {
    for (const { t, formats } of [english, spanish]) {
      const sentences = DRIVERS.map((driver) => driverText(t, formats, driver))
      expect(new Set(sentences).size).toBe(DRIVERS.length)
      for (const sentence of sentences) expect(sentence).toMatch(/^[A-ZÁÉÍÓÚ][^=_]+\.$/)
    }
  })

  it.each([
    [
      'sprayWindowScore=0.75',
      'Conditions for spraying: 75 of 100.',
      'Condiciones para pulverizar: 75 de 100.',
    ],
    ['diseaseRiskScore=0.07', 'Disease risk: 7 of 100.', 'Riesgo de enfermedad: 7 de 100.'],
    ['maxWindKph=12', 'The rule allows wind up to 7.5 mph.', 'La regla permite viento de hasta 12 km/h.'],
    [
      'minHoursWithoutRain=4:not_checked',
      'The rule needs 4 h without rain. Not checked: please check it on site.',
      'La regla requiere 4 h sin lluvia. Sin verificar: revíselo en el lugar.',
    ],
    [
      'irrigationWindowLocal=04:30-07:00',
      'Irrigation window of the rule: 04:30–07:00.',
      'Ventana de riego de la regla: 04:30–07:00.',
    ],
    ['monitorOnly=maxWindKph', 'Wait: there is too much wind.', 'Esperar: hay demasiado viento.'],
  ])('says %s', (driver, en, es) => {
    expect(driverText(english.t, english.formats, driver)).toBe(en)
    expect(driverText(spanish.t, spanish.formats, driver)).toBe(es)
  })

  it.each([
    'spray_drift_risk',
    'maxWindKph=',
    'maxWindKph=much',
    'soilMoisture=12',
    'monitorOnly=soilMoisture',
    'inversionPresent=maybe',
    'supersededStatus=pending_confirmation',
    'flag=low_confidence',
    'refusal=no_rule',
    '',
  ])('shows the driver "%s", which is not known, as it is', (driver) => {
    expect(driverText(english.t, english.formats, driver)).toBe(driver)
  })

  it('says flags, refusals and the standard timing, and the action as the playbook has it', () => {
    for (const { t } of [english, spanish]) {
      const said = [
        ...RiskFlag.options.map((flag) => riskFlagText(t, flag)),
        ...REFUSALS.map((reason) => noRecommendationText(t, reason)),
        actionAdvice(t, 'monitor'),
      ]
      expect(new Set(said).size).toBe(said.length)
      for (const sentence of said) expect(sentence).toMatch(/^[A-Z][^_]+\.$/)
      expect(actionAdvice(t, 'Apply sulfur.')).toBe('Apply sulfur.')
    }
    expect(rationaleText(english.t, 'standard_timing')).toBe('the rule’s usual timing')
    expect(rationaleText(spanish.t, 'our_own_reason')).toBe('our own reason')
  })
})
