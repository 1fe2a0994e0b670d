import { readDriver } from '@fieldsync/agronomy'
import type { RiskFlag } from '@fieldsync/contracts'
import { conditionText, rationaleText, termsEn, unitOf } from '@fieldsync/messages'

import type { Say, Texts } from '../messages/messages.ts'

/** What to do: the instructions of the rule; one that only tells to watch has the contract's word for it. */
export const actionText = (t: Say, action: string): string =>
  action === 'monitor' ? t('recommendation.monitor') : action

/** What is uncertain about a recommendation, or asks for care. */
export const flagText = (t: Say, flag: RiskFlag): string => t(`recommendation.flag.${flag}`)

/** Why its time is as it is, a sentence for each reason. */
export const rationaleTexts = (t: Say, rationale: readonly string[]): string[] =>
  rationale.map((tag) => rationaleText(t, tag))

/** The facts that it was computed with: what each is called, and its value. */
export const driverTexts = (texts: Texts, drivers: readonly string[]): (readonly [string, string])[] =>
  drivers.map((driver) => {
    const { name, value, checked } = readDriver(driver)
    const text = valueText(texts, name, value)
    return [nameText(texts.t, name), checked ? text : texts.t('recommendation.notChecked', { value: text })]
  })

type Named = Extract<keyof typeof termsEn, `feature.${string}` | `field.${string}`>

const isNamed = (key: string): key is Named => Object.hasOwn(termsEn, key)

function nameText(t: Say, name: string): string {
  const key = [`feature.${name}`, `field.${name}`].find(isNamed)
  return key === undefined ? name : t(key)
}

function valueText({ t, formats }: Texts, name: string, value: string): string {
  const number = Number(value)
  if (value === '' || Number.isNaN(number)) return conditionText(t, value)
  const unit = unitOf(name)
  return unit === undefined ? formats.number(number) : formats.quantity(unit, number)
}
