import { readDriver, type RefusalReason } from '@fieldsync/agronomy'
import type { RiskFlag } from '@fieldsync/contracts'

import type { Formats } from '../formats.ts'
import type { Translate } from '../message-keys.ts'
import { unitOf } from '../units.ts'
import type { termsEn } from './terms-en.ts'
import { termsEn as texts } from './terms-en.ts'

type Say = Translate<typeof termsEn>

/** What to do: the playbook's own instructions, or that there is nothing to do but to monitor (AGR-16). */
export const actionAdvice = (t: Say, action: string): string =>
  action === 'monitor' ? t('advice.monitor') : action

/** What a person has to know about a recommendation before acting on it. */
export const riskFlagText = (t: Say, flag: RiskFlag): string => t(`advice.flag.${flag}`)

/** Why there is no recommendation. */
export const noRecommendationText = (t: Say, reason: RefusalReason): string => t(`advice.refusal.${reason}`)

/** A driver as a sentence; one that is not known is shown as it is. */
export function driverText(t: Say, formats: Pick<Formats, 'number' | 'quantity'>, text: string): string {
  const { name, value, checked } = readDriver(text)
  const sentence = sentenceOf(t, formats, name, value)
  if (sentence === undefined) return text
  return checked ? sentence : t('advice.notChecked', { limit: sentence })
}

type Keys = keyof typeof termsEn
type KeysOf<Prefix extends string> = Extract<Keys, `${Prefix}.${string}`>
type NamedValue = KeysOf<
  | 'advice.inversionPresent'
  | 'advice.humidityLayering'
  | 'advice.windShearProxy'
  | 'advice.monitorOnly'
  | 'advice.supersededStatus'
  | 'advice.scoreUnknown'
>

const NAMED =
  /^advice\.(?:inversionPresent|humidityLayering|windShearProxy|monitorOnly|supersededStatus|scoreUnknown)\.\w+$/
const isNamedValue = (key: string): key is NamedValue => NAMED.test(key) && Object.hasOwn(texts, key)

const SCORES = ['sprayWindowScore', 'diseaseRiskScore', 'heatStressScore'] as const
const QUANTITIES = [
  'windKph',
  'temperatureC',
  'relativeHumidityPct',
  'maxWindKph',
  'maxTemperatureC',
  'maxRelativeHumidityPct',
  'minHoursWithoutRain',
] as const

function sentenceOf(
  t: Say,
  formats: Pick<Formats, 'number' | 'quantity'>,
  name: string,
  value: string,
): string | undefined {
  const key =
    value === 'unknown' && SCORES.some((each) => each === name)
      ? `advice.scoreUnknown.${name}`
      : `advice.${name}.${value}`
  if (isNamedValue(key)) return t(key)
  if (name === 'avoidInversion') return t('advice.avoidInversion')
  if (name === 'irrigationWindowLocal')
    return t('advice.irrigationWindowLocal', { value: value.replace('-', '–') })
  const number = Number(value)
  if (value === '' || !Number.isFinite(number)) return undefined
  const score = SCORES.find((each) => each === name)
  if (score !== undefined) return t(`advice.${score}`, { value: formats.number(number * 100) })
  const quantity = QUANTITIES.find((each) => each === name)
  const unit = unitOf(name)
  return quantity && unit && t(`advice.${quantity}`, { value: formats.quantity(unit, number) })
}
