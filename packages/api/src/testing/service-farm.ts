import type { CreatedService, OperationName } from '@fieldsync/contracts'
import { observation, type ObservationInput } from '@fieldsync/testkit'

import type { RealApi } from './real-api.ts'
import { type Call, type Outcome, overRest } from './transports.ts'

/** A workspace with a service, and an admin's calls in it. */
export type ServiceFarm = {
  readonly workspaceId: string
  readonly service: CreatedService
  readonly asAdmin: (operation: OperationName, input: Call['input']) => Promise<Record<string, unknown>>
}

/** Services of a test, and what they call. */
export function serviceFarms(api: RealApi) {
  let calls = 0
  const call = (bearer: string, operation: OperationName, input: Call['input']): Promise<Outcome> =>
    overRest(api.url, { operation, token: undefined, bearer, input, key: `call ${++calls}` })
  return {
    /** A workspace with an admin, two scouts, and a service that may write for the first of them. */
    farm: async (options: Partial<Parameters<RealApi['service']>[1]> = {}): Promise<ServiceFarm> => {
      const workspaceId = await api.workspace()
      const token = await api.device(workspaceId, 'dev_admin', 'admin')
      for (const deviceId of ['dev_scout_1', 'dev_scout_2']) await api.device(workspaceId, deviceId, 'scout')
      const service = await api.service(workspaceId, {
        serviceId: 'dev_svc_import',
        scopes: ['sync', 'read'],
        deviceIds: ['dev_scout_1'],
        ...options,
      })
      const asAdmin = async (operation: OperationName, input: Call['input']) => {
        const outcome = await overRest(api.url, { operation, token, input, key: `admin ${++calls}` })
        if (!outcome.ok) throw new Error(JSON.stringify(outcome))
        return outcome.answer as Record<string, unknown>
      }
      return { workspaceId, service, asAdmin }
    },
    /** An access token for a secret. */
    bearerOf: async (service: CreatedService, scope?: string): Promise<string> => {
      const answer = await api.secretToken(service, scope)
      if (!answer.ok) throw new Error(await answer.text())
      return ((await answer.json()) as { access_token: string }).access_token
    },
    call,
    create: (bearer: string, deviceId: string, record: ObservationInput = observation({ deviceId })) =>
      call(bearer, 'observations.create', record),
    session: (bearer: string) => call(bearer, 'session.get', {}),
  }
}

export const refused = (status: number, reason: string, action?: string) => ({
  ok: false,
  status,
  error: { details: { reason, ...(action === undefined ? {} : { action }) } },
})

/** An answer with its status, for comparing. */
export const bodyOf = async (answer: Response): Promise<Record<string, unknown>> => ({
  status: answer.status,
  ...((await answer.json()) as object),
})
