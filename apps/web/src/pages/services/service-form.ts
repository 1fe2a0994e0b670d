import {
  CreateServiceInput,
  EcPublicJwk,
  GrantServiceInput,
  ServiceId,
  type ServiceRecord,
  ServiceScope,
} from '@fieldsync/contracts'

/** How a service proves who it is: by a key pair of its own, or by a secret. */
export const SERVICE_WAYS = ['secret', 'key'] as const
type ServiceWay = (typeof SERVICE_WAYS)[number]

/** A service's grants as a form has them. */
export type ChosenGrants = { readonly scopes: readonly string[]; readonly deviceIds: readonly string[] }

/** A new service as a form has it. */
export type ServiceValues = ChosenGrants & {
  readonly serviceId: string
  readonly way: ServiceWay
  /** A JWK (RFC 7517), where the way is `key`. */
  readonly publicKey: string
}

export type ServiceProblem = 'id' | 'scopes' | 'key' | 'privateKey'

/** What is wrong with a new service, field by field in the form's order; empty for one that can be sent. */
export function serviceProblems(values: ServiceValues): Partial<Record<keyof ServiceValues, ServiceProblem>> {
  const key = values.way === 'key' ? readPublicKey(values.publicKey) : undefined
  return {
    ...(ServiceId.safeParse(values.serviceId).success ? {} : { serviceId: 'id' as const }),
    ...(values.scopes.length > 0 ? {} : { scopes: 'scopes' as const }),
    ...(key && 'problem' in key ? { publicKey: key.problem } : {}),
  }
}

/** The call that a form without problems means. */
export function createInputOf(values: ServiceValues): CreateServiceInput {
  const { serviceId, scopes, deviceIds, way, publicKey } = values
  return CreateServiceInput.parse({
    serviceId,
    scopes,
    ...(deviceIds.length === 0 ? {} : { deviceIds }),
    ...keyInputOf({ way, publicKey }),
  })
}

/** The public key of a call, where the form has one. */
export function keyInputOf({ way, publicKey }: Pick<ServiceValues, 'way' | 'publicKey'>): {
  publicKeyJwk?: EcPublicJwk
} {
  const key = way === 'key' ? readPublicKey(publicKey) : undefined
  return key && 'publicKeyJwk' in key ? { publicKeyJwk: key.publicKeyJwk } : {}
}

/**
 * A public P-256 key that was pasted as a JWK. What programs add to one, such as its name and use, is left out. A private
 * key is refused before it leaves the browser.
 */
export function readPublicKey(
  text: string,
): { readonly publicKeyJwk: EcPublicJwk } | { readonly problem: 'key' | 'privateKey' } {
  let parsed: unknown
  try {
    parsed = JSON.parse(text)
  } catch {
    return { problem: 'key' }
  }
  if (typeof parsed !== 'object' || parsed === null) return { problem: 'key' }
  if ('d' in parsed) return { problem: 'privateKey' }
  const { kty, crv, x, y } = parsed as Record<string, unknown>
  const key = EcPublicJwk.safeParse({ kty, crv, x, y })
  return key.success ? { publicKeyJwk: key.data } : { problem: 'key' }
}

/** The change that a form means: what differs alone, in whatever order it was chosen; undefined where nothing does. */
export function grantChangeOf(
  chosen: ChosenGrants,
  { serviceId, scopes, deviceIds }: Pick<ServiceRecord, 'serviceId' | keyof ChosenGrants>,
): GrantServiceInput | undefined {
  const change = {
    ...(isSame(chosen.scopes, scopes) ? {} : { scopes: chosen.scopes }),
    ...(isSame(chosen.deviceIds, deviceIds) ? {} : { deviceIds: chosen.deviceIds }),
  }
  if (Object.keys(change).length === 0) return undefined
  return GrantServiceInput.safeParse({ serviceId, ...change }).data
}

const isSame = (some: readonly string[], others: readonly string[]): boolean =>
  some.length === others.length && some.every((each) => others.includes(each))

/** Scopes that let a service write for devices, which it then has to be granted one by one (SVC-6). */
export const writesFor = (scopes: readonly string[]): boolean => scopes.includes(ServiceScope.enum.sync)

/** Devices to choose from that contain what was typed, and those that were chosen already. */
export const shownDevices = (
  known: readonly string[],
  chosen: readonly string[],
  typed: string,
): readonly string[] => {
  const text = typed.trim().toLowerCase()
  const offered = known.filter((deviceId) => !chosen.includes(deviceId) && deviceId.includes(text))
  return [...chosen, ...offered]
}
