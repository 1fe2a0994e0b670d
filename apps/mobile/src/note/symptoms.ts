import type { Issue } from '@fieldsync/contracts'

/** Symptoms to pick from, by what they speak for. */
export const SYMPTOMS = {
  powdery_mildew: ['white_powder_leaves', 'white_powder_berries', 'curled_leaves', 'cracked_berries'],
  heat_stress: ['wilting', 'scorched_leaves', 'shrivelled_berries', 'sunburn'],
  other: ['yellow_leaves', 'spots', 'holes', 'insects'],
} as const satisfies Readonly<Record<Issue, readonly string[]>>

/** The symptoms of a text that is written as a list. */
export const symptomsIn = (text: string): string[] =>
  text
    .split(',')
    .map((symptom) => symptom.trim())
    .filter((symptom) => symptom !== '')
