import { DeviceId, DeviceRole, PlaybookId, WorkspaceId } from '@fieldsync/contracts'
import { ServiceError } from '@fieldsync/services'
import { Argument, InvalidArgumentError, Option } from 'commander'
import type { z } from 'zod'

import { MIN_TOKEN_LENGTH, TOKEN_PATTERN } from '../env/device-tokens.ts'
import type { Environment } from '../env/read-variables.ts'

export const workspaceArgument = () =>
  new Argument('<workspace>', 'workspace id, such as ws_ridge').argParser(parserOf(WorkspaceId))

export const deviceArgument = () =>
  new Argument('<device>', 'device id, such as dev_scout_1').argParser(parserOf(DeviceId))

export const playbookArgument = () =>
  new Argument('<playbook>', 'playbook id, such as pbk_yolo_grape').argParser(parserOf(PlaybookId))

export const roleOption = () =>
  new Option('--role <role>', 'what the device may do').choices(DeviceRole.options).default('agronomist')

/** The address that a printed link leads to. */
export const serverOption = ({ PUBLIC_URL, PORT = '8787' }: Environment) =>
  new Option('--server <address>', 'the address at which the link reaches the server')
    .argParser(serverAddress)
    .default(
      PUBLIC_URL ?? `http://127.0.0.1:${PORT}`,
      PUBLIC_URL === undefined ? 'this machine' : 'PUBLIC_URL',
    )

function serverAddress(text: string): string {
  const url = URL.parse(text)
  if (url?.protocol !== 'https:' && url?.protocol !== 'http:')
    throw new InvalidArgumentError('It must begin with https:// or http://.')
  return `${url.origin}${url.pathname}`.replace(/\/+$/, '')
}

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
