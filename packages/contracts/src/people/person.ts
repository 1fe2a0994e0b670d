import { z } from 'zod'

import { RequiredText } from '../text.ts'

/** How a person is named on screens. */
export const PersonName = RequiredText.max(120)

const MAX_EMAIL = 254
/** An address by which a person signs in; upper and lower case are the same (PEO-2). */
export const Email = z.email().max(MAX_EMAIL)

export const PASSWORD_LENGTH = { least: 12, most: 128 } as const
/** A password that is being chosen: its length counts, not its characters (PEO-3). */
export const NewPassword = z.string().min(PASSWORD_LENGTH.least).max(PASSWORD_LENGTH.most)

/** The code of an invitation or of a reset link, as the link's fragment holds it. */
export const OneTimeCode = z
  .string()
  .max(64)
  .regex(/^\s*(?:[0-9A-Za-z][\s-]*){26}$/, 'must be the code of a link')

/** How long an invitation and a reset link are open, in seconds. */
export const INVITATION_SECONDS = { least: 60, most: 30 * 86_400, default: 7 * 86_400 } as const
export const RESET_SECONDS = 3600
/** How long after they last proved who they are a person may make sensitive changes, in seconds (PEO-12). */
export const REAUTHENTICATION_SECONDS = 15 * 60
