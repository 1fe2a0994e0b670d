import type { Issue } from '@fieldsync/contracts'

import { foldText } from './search-text.ts'

/**
 * The symptoms that an app offers. `value` is what a record stores, in whatever language it was chosen; it never changes,
 * unlike the labels on the screens. `aliases` are labels in any language: older apps stored them in its place, and people
 * type them (SHP-15).
 */
export const SYMPTOMS = {
  none_noted: { value: 'none noted', issue: null, aliases: ['ninguno observado'] },
  white_powder_leaves: {
    value: 'white powder on leaves',
    issue: 'powdery_mildew',
    aliases: ['polvo blanco en hojas'],
  },
  white_powder_berries: {
    value: 'white powder on berries',
    issue: 'powdery_mildew',
    aliases: ['polvo blanco en bayas'],
  },
  curled_leaves: {
    value: 'curled leaves',
    issue: 'powdery_mildew',
    aliases: ['hojas rizadas', 'hojas enrolladas'],
  },
  cracked_berries: { value: 'cracked berries', issue: 'powdery_mildew', aliases: ['bayas agrietadas'] },
  wilting: { value: 'wilting leaves', issue: 'heat_stress', aliases: ['hojas marchitas'] },
  scorched_leaves: {
    value: 'scorched leaf edges',
    issue: 'heat_stress',
    aliases: ['bordes quemados', 'bordes de hoja quemados'],
  },
  shrivelled_berries: {
    value: 'shrivelled berries',
    issue: 'heat_stress',
    aliases: ['shriveled berries', 'bayas arrugadas'],
  },
  sunburn: { value: 'sunburned berries', issue: 'heat_stress', aliases: ['bayas quemadas por el sol'] },
  yellow_leaves: { value: 'yellow leaves', issue: 'other', aliases: ['hojas amarillas'] },
  spots: { value: 'spots on leaves', issue: 'other', aliases: ['manchas en hojas'] },
  holes: { value: 'holes in leaves', issue: 'other', aliases: ['agujeros en hojas'] },
  insects: { value: 'insects', issue: 'other', aliases: ['insectos'] },
} as const satisfies Readonly<Record<string, Symptom>>

type Symptom = { readonly value: string; readonly issue: Issue | null; readonly aliases: readonly string[] }
export type SymptomName = keyof typeof SYMPTOMS

export const SYMPTOM_NAMES = Object.keys(SYMPTOMS) as readonly SymptomName[]

/** The choice for a vine that was inspected and shows no symptom; it excludes all others. */
export const NO_SYMPTOM = SYMPTOMS.none_noted.value

const folded = (text: string): string => foldText(text.trim())

const NAMES: ReadonlyMap<string, SymptomName> = new Map(
  SYMPTOM_NAMES.flatMap((name) => {
    const { value, aliases } = SYMPTOMS[name]
    return [value, ...aliases].map((text) => [folded(text), name] as const)
  }),
)

/** The offered symptom that a stored or typed text stands for; null for a person's own words. */
export const symptomName = (text: string): SymptomName | null => NAMES.get(folded(text)) ?? null

/** A record's symptoms with their stable values, each once, in the order in which they first come (SHP-15). */
export function stableSymptoms(stored: readonly string[]): string[] {
  const values = stored.map((text) => {
    const name = symptomName(text)
    return name === null ? text : SYMPTOMS[name].value
  })
  return [...new Set(values)]
}
