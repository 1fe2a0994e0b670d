import type { Issue } from '@fieldsync/contracts'
import { NO_SYMPTOM, stableSymptoms, SYMPTOM_NAMES, symptomName, SYMPTOMS } from '@fieldsync/domain'

/**
 * The chips: what speaks for the issue, or everything while none is chosen; then what is chosen besides, so that nothing
 * is stored that the form does not show (APP-12); at last the one for no symptom.
 */
export function suggestedSymptoms(issue: Issue | null, chosen: readonly string[]): string[] {
  const suggested = SYMPTOM_NAMES.filter((name) => {
    const speaksFor = SYMPTOMS[name].issue
    return speaksFor !== null && (issue === null || speaksFor === issue)
  }).map((name): string => SYMPTOMS[name].value)
  const others = chosen.filter((each) => symptomName(each) !== null && each !== NO_SYMPTOM)
  return [...new Set([...suggested, ...others]), NO_SYMPTOM]
}

/** A symptom chosen, or no longer; no symptom and any other exclude each other. */
export function toggled(chosen: readonly string[], symptom: string): string[] {
  if (chosen.includes(symptom)) return chosen.filter((each) => each !== symptom)
  return symptom === NO_SYMPTOM ? [NO_SYMPTOM] : [...chosen.filter((each) => each !== NO_SYMPTOM), symptom]
}

/** The symptoms of a text that is written as a list, with their stable values. */
export const symptomsIn = (text: string): string[] =>
  stableSymptoms(
    text
      .split(',')
      .map((symptom) => symptom.trim())
      .filter((symptom) => symptom !== ''),
  )
