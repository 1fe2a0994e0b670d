import { DeviceId, WorkspaceId } from '@fieldsync/contracts'
import {
  type AuthenticatedActor,
  JsonText,
  Nonces,
  type ServiceContext,
  ServiceError,
} from '@fieldsync/services'

import type { Verbs } from '../core/verbs.ts'

/** The only token that {@link fakeVerbs} knows. */
export const TOKEN = 'token-of-dev-scout-1'

/** Nothing but nonces, which every answer carries, and a security log that stores nothing: the fake verbs use no runtime. */
export const NO_RUNTIME = {
  nonces: new Nonces([Buffer.alloc(32)]),
  security: { note: () => undefined },
} as unknown as ServiceContext['runtime']

const ACTOR: AuthenticatedActor = {
  kind: 'device',
  workspaceId: WorkspaceId.parse('ws_demo'),
  deviceId: DeviceId.parse('dev_scout_1'),
  role: 'agronomist',
  epoch: 1,
}

/**
 * Verbs for tests of the transports, which need no working verbs: `authenticate` knows one token, writes return their
 * input, lists an empty page, and all else NOT_FOUND.
 */
export function fakeVerbs(overrides: Partial<Verbs> = {}): Verbs {
  const unknown = (): Promise<never> => Promise.reject(new ServiceError('NOT_FOUND', 'There is none.'))
  const emptyPage = () => Promise.resolve({ items: new JsonText<never[]>('[]'), nextCursor: null })
  return {
    authenticate: ({ credentials: { deviceToken, bearer } }) => {
      const tokens = [deviceToken, bearer].filter((token) => token !== undefined)
      const reason = tokens.length === 0 ? 'missing' : 'invalid'
      if (tokens.length > 0 && tokens.every((token) => token === TOKEN)) return Promise.resolve(ACTOR)
      return Promise.reject(
        new ServiceError('AUTH_REQUIRED', 'No.', { details: { reason, action: 'authenticate' } }),
      )
    },
    checkHealth: ({ clock, version }) =>
      Promise.resolve({ status: 'ok', timestamp: clock.now().toISOString(), version }),
    applyBatch: ({ input }) =>
      Promise.resolve({ document: new JsonText(JSON.stringify(input)), replayed: false }),
    followWorkspace: unknown,
    createObservation: ({ input }) =>
      Promise.resolve({ document: new JsonText(JSON.stringify(input)), replayed: false }),
    applyPlaybookPatch: ({ input }) =>
      Promise.resolve({ document: new JsonText(JSON.stringify(input)), replayed: false }),
    createPlaybook: ({ input }) =>
      Promise.resolve({ document: new JsonText(JSON.stringify(input)), replayed: false }),
    publishPlaybookVersion: ({ input }) =>
      Promise.resolve({ document: new JsonText(JSON.stringify(input)), replayed: false }),
    rollBackPlaybook: ({ input }) =>
      Promise.resolve({ document: new JsonText(JSON.stringify(input)), replayed: false }),
    retirePlaybook: ({ input }) =>
      Promise.resolve({ document: new JsonText(JSON.stringify(input)), replayed: false }),
    listProposals: emptyPage,
    getProposal: unknown,
    approveProposal: unknown,
    rejectProposal: unknown,
    withdrawProposal: unknown,
    getObservation: unknown,
    getRecommendation: unknown,
    getPlaybook: unknown,
    getPatch: unknown,
    getLiveWeather: unknown,
    getWeather: unknown,
    listObservations: emptyPage,
    listCorrections: emptyPage,
    listRecommendations: emptyPage,
    listPlaybooks: emptyPage,
    listAudit: emptyPage,
    eraseObservations: unknown,
    generateRecommendation: unknown,
    getAuditState: unknown,
    acknowledgeLoss: unknown,
    listPlaybookVersions: emptyPage,
    listDevices: emptyPage,
    listSyncs: emptyPage,
    getSession: unknown,
    getOverview: unknown,
    getSettings: unknown,
    getSync: unknown,
    createDevice: ({ input }) =>
      Promise.resolve({ document: new JsonText(JSON.stringify(input)), replayed: false }),
    revokeDevice: ({ input }) =>
      Promise.resolve({ document: new JsonText(JSON.stringify(input)), replayed: false }),
    readmitDevice: ({ input }) =>
      Promise.resolve({ document: new JsonText(JSON.stringify(input)), replayed: false }),
    setDeviceRole: ({ input }) =>
      Promise.resolve({ document: new JsonText(JSON.stringify(input)), replayed: false }),
    reissueToken: ({ input }) =>
      Promise.resolve({ document: new JsonText(JSON.stringify(input)), replayed: false }),
    openEnrollment: ({ input }) =>
      Promise.resolve({ document: new JsonText(JSON.stringify(input)), replayed: false }),
    confirmKey: ({ input }) =>
      Promise.resolve({ document: new JsonText(JSON.stringify(input)), replayed: false }),
    changeSettings: ({ input }) =>
      Promise.resolve({ document: new JsonText(JSON.stringify(input)), replayed: false }),
    wipeDevice: ({ input }) =>
      Promise.resolve({ document: new JsonText(JSON.stringify(input)), replayed: false }),
    acknowledgeWipe: unknown,
    listGrants: emptyPage,
    createGrant: ({ input }) =>
      Promise.resolve({ document: new JsonText(JSON.stringify(input)), replayed: false }),
    revokeGrant: ({ input }) =>
      Promise.resolve({ document: new JsonText(JSON.stringify(input)), replayed: false }),
    listSecurityEvents: emptyPage,
    listServices: emptyPage,
    createService: ({ input }) =>
      Promise.resolve({ document: new JsonText(JSON.stringify(input)), replayed: false }),
    rotateService: ({ input }) =>
      Promise.resolve({ document: new JsonText(JSON.stringify(input)), replayed: false }),
    grantService: ({ input }) =>
      Promise.resolve({ document: new JsonText(JSON.stringify(input)), replayed: false }),
    revokeService: ({ input }) =>
      Promise.resolve({ document: new JsonText(JSON.stringify(input)), replayed: false }),
    listPeople: emptyPage,
    listInvitations: emptyPage,
    invitePerson: ({ input }) =>
      Promise.resolve({ document: new JsonText(JSON.stringify(input)), replayed: false }),
    withdrawInvitation: ({ input }) =>
      Promise.resolve({ document: new JsonText(JSON.stringify(input)), replayed: false }),
    setPersonRole: ({ input }) =>
      Promise.resolve({ document: new JsonText(JSON.stringify(input)), replayed: false }),
    endAccess: ({ input }) =>
      Promise.resolve({ document: new JsonText(JSON.stringify(input)), replayed: false }),
    createResetLink: ({ input }) =>
      Promise.resolve({ document: new JsonText(JSON.stringify(input)), replayed: false }),
    enrollDevice: unknown,
    rotateKey: unknown,
    upgradeDevice: unknown,
    issueAccessToken: unknown,
    ...overrides,
  }
}
