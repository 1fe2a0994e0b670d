import {
  AUTH_ACTIONS,
  type Breach,
  CONTRACT_REASONS,
  ErrorCode,
  FORBIDDEN_REASONS,
  GENERATION_REASONS,
  PEOPLE_REASONS,
  PUBLISHING_REASONS,
  SETTINGS_REASONS,
} from '@fieldsync/contracts'
import { parsePointer } from '@fieldsync/domain'

import type { Formats } from '../formats.ts'
import type { Translate } from '../message-keys.ts'
import { unitOf } from '../units.ts'
import type { errorsEn } from './errors-en.ts'

type Say = Translate<typeof errorsEn>

/** What a server refused with: its error code, as it sent it, and the reason that some codes have in their details. */
export type Refused = { readonly code: string; readonly reason?: string | null | undefined }

/**
 * Why a server refused something, in the person's language (APP-49): by the reason where the contract knows it, else by
 * the code, else a sentence with the code. Never the server's own sentence.
 */
export function refusalText(t: Say, { code, reason }: Refused): string {
  if (code === 'AUTH_REQUIRED' && isAuthReason(reason)) return t(`authReason.${reason}`)
  const why = FORBIDDEN_REASONS.find((each) => each === reason)
  if (code === 'FORBIDDEN' && why !== undefined) return t(`forbiddenReason.${why}`)
  const behind = CONTRACT_REASONS.find((each) => each === reason)
  if (code === 'CONTRACT_UNSUPPORTED' && behind !== undefined) return t(`contractReason.${behind}`)
  const settings = SETTINGS_REASONS.find((each) => each === reason)
  if (code === 'CONFLICT' && settings !== undefined) return t(`settingsReason.${settings}`)
  const publishing = PUBLISHING_REASONS.find((each) => each === reason)
  if (code === 'CONFLICT' && publishing !== undefined) return t(`publishingReason.${publishing}`)
  const people = PEOPLE_REASONS.find((each) => each === reason)
  if (code === 'CONFLICT' && people !== undefined) return t(`peopleReason.${people}`)
  const generation = GENERATION_REASONS.find((each) => each === reason)
  if (code === 'CONFLICT' && generation !== undefined) return t(`generationReason.${generation}`)
  const known = ErrorCode.safeParse(code)
  return known.success ? t(`server.${known.data}`) : t('server.unknown', { code })
}

const isAuthReason = (reason: unknown): reason is keyof typeof AUTH_ACTIONS =>
  typeof reason === 'string' && Object.hasOwn(AUTH_ACTIONS, reason)

/**
 * What is wrong with a value, in the person's language and units; null for a breach that only the server knows.
 *
 * @param pointer of the value, whose last part says which unit it has
 */
export function breachText(
  { t, formats }: { readonly t: Say; readonly formats: Pick<Formats, 'bounds' | 'number'> },
  breach: Pick<Breach, 'code' | 'bound'> | null,
  pointer: string,
): string {
  if (breach === null) return t('breach.unknown')
  const { code, bound = 0 } = breach
  switch (code) {
    case 'number_small':
    case 'number_large': {
      const unit = unitOf(parsePointer(pointer)?.at(-1) ?? '')
      const { min, max } = formats.bounds(unit, { min: bound, max: bound })
      return t(`breach.${code}`, { bound: code === 'number_small' ? min : max })
    }
    case 'list_short':
      return t('breach.list_short', { count: bound })
    case 'text_short':
    case 'text_long':
    case 'list_long':
      return t(`breach.${code}`, { bound: formats.number(bound) })
    default:
      return t(`breach.${code}`)
  }
}
