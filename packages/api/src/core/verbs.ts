import * as services from '@fieldsync/services'

type VerbName =
  | 'acknowledgeLoss'
  | 'acknowledgeWipe'
  | 'applyBatch'
  | 'applyPlaybookPatch'
  | 'authenticate'
  | 'changeSettings'
  | 'checkHealth'
  | 'createDevice'
  | 'confirmKey'
  | 'createObservation'
  | 'createService'
  | 'enrollDevice'
  | 'eraseObservations'
  | 'followWorkspace'
  | 'getAuditState'
  | 'getObservation'
  | 'getOverview'
  | 'getPatch'
  | 'getPlaybook'
  | 'getRecommendation'
  | 'getSession'
  | 'getSettings'
  | 'getSync'
  | 'getWeather'
  | 'grantService'
  | 'issueAccessToken'
  | 'listAudit'
  | 'listCorrections'
  | 'listDevices'
  | 'listObservations'
  | 'listPlaybookVersions'
  | 'listPlaybooks'
  | 'listRecommendations'
  | 'listServices'
  | 'listSyncs'
  | 'openEnrollment'
  | 'readmitDevice'
  | 'reissueToken'
  | 'revokeDevice'
  | 'revokeService'
  | 'rotateKey'
  | 'rotateService'
  | 'setDeviceRole'
  | 'upgradeDevice'
  | 'wipeDevice'

/** The verbs of `@fieldsync/services` that the API exposes: every change and every read goes through one of them. */
export type Verbs = {
  readonly [Name in VerbName]: (
    ...call: Parameters<(typeof services)[Name]>
  ) => ReturnType<(typeof services)[Name]>
}

export const SERVICE_VERBS: Verbs = services
