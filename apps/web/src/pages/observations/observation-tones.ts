import type { Observation } from '@fieldsync/contracts'
import type { Tone } from '@fieldsync/design'

export const STATUS_TONES: Readonly<Record<Observation['status'], Tone>> = {
  draft: 'waiting',
  confirmed: 'settled',
  logged: 'calm',
}

export const SEVERITY_TONES: Readonly<Record<Observation['extraction']['severity'], Tone>> = {
  low: 'calm',
  moderate: 'waiting',
  high: 'clash',
}
