import { DeviceId, DeviceRole, PlaybookId, WorkspaceId } from '@fieldsync/contracts'
import { ServiceError } from '@fieldsync/services'
import { Argument, InvalidArgumentError, Option } from 'commander'
import type { z } from 'zod'

import { MIN_TOKEN_LENGTH, TOKEN_PATTERN } from '../env/device-tokens.ts'

export const workspaceArgument = () =>
  new Argument('<workspace>', 'workspace id, such as ws_ridge').argParser(parserOf(WorkspaceId))

export const deviceArgument = () =>
  new Argument('<device>', 'device id, such as dev_scout_1').argParser(parserOf(DeviceId))

export const playbookArgument = () =>
  new Argument('<playbook>', 'playbook id, such as pbk_yolo_grape').argParser(parserOf(PlaybookId))

export const roleOption = () =>
  new Option('--role <role>', 'what the device may do').choices(DeviceRole.options).default('agronomist')

export const cancelWipeOption = () =>
  new Option(
    '--cancel-wipe',
    'call off a wipe that the device has not acknowledged; it keeps what it has then',
  )

/** The token given on standard input. @throws ServiceError VALIDATION_ERROR, which never shows it */
export function tokenOf(input: string): string {
  const token = input.trim()
  const refuse = (message: string) => new ServiceError('VALIDATION_ERROR', message)
  if (token.length < MIN_TOKEN_LENGTH)
    throw refuse(`The token must have at least ${MIN_TOKEN_LENGTH} characters.`)
  if (!TOKEN_PATTERN.test(token)) throw refuse('The token must be visible ASCII without commas.')
  return token
}

export function parserOf<T>(schema: z.ZodType<T>) {
  return (text: string): T => {
    const parsed = schema.safeParse(text)
    if (parsed.success) return parsed.data
    throw new InvalidArgumentError(`It ${parsed.error.issues[0]?.message ?? 'is not valid'}.`)
  }
}
