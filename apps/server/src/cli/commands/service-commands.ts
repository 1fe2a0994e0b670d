import { generateKeyPairSync } from 'node:crypto'
import { readFile, rm, writeFile } from 'node:fs/promises'

import {
  DeviceId,
  EcPublicJwk,
  MAX_PAGE_SIZE,
  ServiceId,
  ServiceScope,
  type WorkspaceId,
} from '@fieldsync/contracts'
import {
  allItems,
  createService,
  grantService,
  listServices,
  revokeService,
  rotateService,
  ServiceError,
  systemContext,
} from '@fieldsync/services'
import { Argument, type Command, Option } from 'commander'

import { parserOf, workspaceArgument } from '../arguments.ts'
import { type Cli, COMMAND } from '../cli.ts'
import { shownInstant, table } from '../table.ts'

type KeyOptions = { newKey?: string; publicKey?: string }
type CreateOptions = KeyOptions & { scope: ServiceScope[]; device?: DeviceId[] }
type GrantOptions = { scope?: ServiceScope[]; device?: DeviceId[]; devices: boolean }

/** `service create|list|rotate|grant|revoke` */
export function addServiceCommands(program: Command, cli: Cli): void {
  const group = program
    .command('service')
    .description('services: external callers, each with a key or a secret of its own')
  group
    .command('create')
    .description('let an external caller in; prints its secret once, unless it has a key')
    .addArgument(workspaceArgument())
    .addArgument(serviceArgument())
    .addOption(scopeOption().makeOptionMandatory())
    .addOption(deviceOption())
    .addOption(newKeyOption())
    .addOption(publicKeyOption())
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `\nExample:\n  ${COMMAND} service create ws_ridge dev_svc_import --scope sync read --device dev_scout_1`,
    )
    .action(async (workspaceId: WorkspaceId, serviceId: ServiceId, options: CreateOptions) => {
      await withKey(options, (publicKeyJwk) =>
        cli.run({ newDatabase: false, pepper: true }, async (admin) => {
          const { document } = await createService({
            ctx: await systemContext(admin, workspaceId),
            input: { serviceId, scopes: options.scope, deviceIds: options.device, publicKeyJwk },
          })
          const { clientSecret, ...created } = document.toJSON()
          const text = [
            `Created the service ${serviceId} in ${workspaceId}.`,
            `Scopes: ${created.scopes.join(' ')}. It may write for ${listOf(created.deviceIds)}.`,
            `It names itself at /oauth/token as ${created.clientId}.`,
          ]
          return withCredential({ workspaceId, ...created }, text, clientSecret, options)
        }),
      )
    })
  group
    .command('list')
    .description('list the services of a workspace, including revoked ones')
    .addArgument(workspaceArgument())
    .option('--json', 'print JSON')
    .addHelpText('after', `\nExample:\n  ${COMMAND} service list ws_ridge`)
    .action((workspaceId: WorkspaceId) =>
      cli.run({ newDatabase: false, pepper: false }, async (admin) => {
        const ctx = await systemContext(admin, workspaceId)
        const found = await allItems((page) =>
          listServices({ ctx, input: { limit: MAX_PAGE_SIZE, ...page } }),
        )
        if (found.length === 0) {
          const next = `${COMMAND} service create ${workspaceId} dev_svc_import --scope sync`
          return {
            json: found,
            text: `The workspace ${workspaceId} has no services yet. Create one:  ${next}`,
          }
        }
        const rows = found.map(({ serviceId, scopes, deviceIds, authentication, createdAt, revokedAt }) => [
          serviceId,
          scopes.join(' '),
          listOf(deviceIds),
          authentication.map(({ kind, endsOthers }) => (endsOthers ? `new ${kind}` : kind)).join(', '),
          shownInstant(createdAt),
          shownInstant(revokedAt),
        ])
        return {
          json: found,
          text: table(['service', 'scopes', 'writes for', 'credential', 'created', 'revoked'], rows),
        }
      }),
    )
  group
    .command('rotate')
    .description('give a service a new key or secret; the earlier one ends when the new one is first used')
    .addArgument(workspaceArgument())
    .addArgument(serviceArgument())
    .option('--now', 'end the earlier key or secret at once, as after a leak')
    .addOption(newKeyOption())
    .addOption(publicKeyOption())
    .option('--json', 'print JSON')
    .addHelpText('after', `\nExample:\n  ${COMMAND} service rotate ws_ridge dev_svc_import`)
    .action(
      async (workspaceId: WorkspaceId, serviceId: ServiceId, options: KeyOptions & { now?: boolean }) => {
        const endPrevious = options.now === true ? 'now' : 'at_first_use'
        await withKey(options, (publicKeyJwk) =>
          cli.run({ newDatabase: false, pepper: true }, async (admin) => {
            const ctx = await systemContext(admin, workspaceId)
            const { document } = await rotateService({ ctx, input: { serviceId, publicKeyJwk, endPrevious } })
            const { clientSecret, ...rotated } = document.toJSON()
            const end = options.now === true ? 'has ended' : 'ends when this one is first used'
            const text = [`Rotated ${serviceId}: its earlier key or secret ${end}.`]
            return withCredential({ workspaceId, ...rotated }, text, clientSecret, options)
          }),
        )
      },
    )
  group
    .command('grant')
    .description('replace the scopes of a service, or the devices that it may create records for')
    .addArgument(workspaceArgument())
    .addArgument(serviceArgument())
    .addOption(scopeOption())
    .addOption(deviceOption())
    .addOption(new Option('--no-devices', 'take all devices away').conflicts('device'))
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `\nExample:\n  ${COMMAND} service grant ws_ridge dev_svc_import --device dev_scout_1 dev_scout_2`,
    )
    .action((workspaceId: WorkspaceId, serviceId: ServiceId, { scope, device, devices }: GrantOptions) =>
      cli.run({ newDatabase: false, pepper: false }, async (admin) => {
        const { document } = await grantService({
          ctx: await systemContext(admin, workspaceId),
          input: { serviceId, scopes: scope, deviceIds: devices ? device : [] },
        })
        const { scopes, deviceIds, changed } = document.toJSON()
        const text = `${changed ? 'From its next request on' : 'Unchanged'}: ${serviceId} has the scopes ${scopes.join(' ')} and may write for ${listOf(deviceIds)}.`
        return { json: { workspaceId, serviceId, scopes, deviceIds, changed }, text }
      }),
    )
  group
    .command('revoke')
    .description('revoke a service for good: its next request is refused; what it wrote stays')
    .addArgument(workspaceArgument())
    .addArgument(serviceArgument())
    .option('--json', 'print JSON')
    .addHelpText('after', `\nExample:\n  ${COMMAND} service revoke ws_ridge dev_svc_import`)
    .action((workspaceId: WorkspaceId, serviceId: ServiceId) =>
      cli.run({ newDatabase: false, pepper: false }, async (admin) => {
        const ctx = await systemContext(admin, workspaceId)
        const { document } = await revokeService({ ctx, input: { serviceId } })
        const { revokedAt, alreadyRevoked } = document.toJSON()
        const text = alreadyRevoked
          ? `The service ${serviceId} was already revoked, at ${shownInstant(revokedAt)}.`
          : `Revoked the service ${serviceId}. Its next request is refused.`
        return { json: { workspaceId, serviceId, revokedAt, alreadyRevoked }, text }
      }),
    )
}

const serviceArgument = () =>
  new Argument('<service>', 'service id, such as dev_svc_import').argParser(parserOf(ServiceId))

const scopeOption = () =>
  new Option('--scope <scope...>', 'what its access tokens may be used for').choices(ServiceScope.options)

const deviceOption = () =>
  new Option('--device <device...>', 'devices that it may create records for').argParser(
    (text: string, earlier: string[] | undefined) => [...(earlier ?? []), parserOf(DeviceId)(text)],
  )

const newKeyOption = () =>
  new Option(
    '--new-key <file>',
    'make a key for it, and store the private key in a new file (JWK, mode 0600)',
  ).conflicts('publicKey')

const publicKeyOption = () =>
  new Option('--public-key <file>', 'its public P-256 key, as a JWK in a file; it gets no secret then')

const listOf = (deviceIds: readonly string[]): string =>
  deviceIds.length === 0 ? 'no device' : deviceIds.join(', ')

/** Runs a command with the public key that it is given, or makes one; the file of a key that is not used is removed. */
async function withKey(
  { newKey, publicKey }: KeyOptions,
  command: (publicKeyJwk: EcPublicJwk | undefined) => Promise<void>,
): Promise<void> {
  if (publicKey !== undefined) return await command(await publicKeyOf(publicKey))
  if (newKey === undefined) return await command(undefined)
  const jwk = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' })
  const { kty, crv, x, y } = jwk
  await writeFile(newKey, `${JSON.stringify(jwk)}\n`, { mode: 0o600, flag: 'wx' }).catch((error: unknown) => {
    throw unusable(newKey, error)
  })
  try {
    await command(EcPublicJwk.parse({ kty, crv, x, y }))
  } catch (error) {
    await rm(newKey, { force: true })
    throw error
  }
}

async function publicKeyOf(file: string): Promise<EcPublicJwk> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw unusable(file, error)
  })
  try {
    const { kty, crv, x, y } = JSON.parse(text) as Record<string, unknown>
    return EcPublicJwk.parse({ kty, crv, x, y })
  } catch {
    throw new ServiceError('VALIDATION_ERROR', `${file} is not a P-256 key as a JWK.`)
  }
}

const unusable = (file: string, error: unknown): ServiceError => {
  const code = error instanceof Error && 'code' in error ? String(error.code) : String(error)
  return new ServiceError('VALIDATION_ERROR', `${file} cannot be used for a key: ${code}.`)
}

/** What a command prints that gives a service a key or a secret. */
function withCredential(
  json: object,
  lines: readonly string[],
  clientSecret: string | null,
  { newKey }: KeyOptions,
): { json: object; text: string } {
  const text = [...lines]
  if (clientSecret !== null) text.push('Its secret, not shown again:', '', clientSecret)
  else if (newKey !== undefined) text.push(`Its private key is in ${newKey}, readable to you alone.`)
  return { json: clientSecret === null ? json : { ...json, clientSecret }, text: text.join('\n') }
}
