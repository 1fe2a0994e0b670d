import type {
  Observation,
  OperationName,
  PlaybookContent,
  PlaybookPatch,
  Recommendation,
  SyncBatchRequest,
} from '@fieldsync/contracts'
import type { z } from 'zod'

const observation: z.input<typeof Observation> = {
  observationId: 'obs_20260211_01KH7XQ4TNE5GZ3V8W2M6RYB9C',
  deviceId: 'dev_scout_1',
  createdAt: '2026-02-11T10:02:00-08:00',
  captureMode: 'voice',
  rawNoteText: 'Block 7, powdery mildew on the inner leaves, moderate. White spots, leaves curling.',
  transcription: {
    text: 'Block 7, powdery mildew on the inner leaves, moderate. White spots, leaves curling.',
    source: 'on_device_asr',
    confidence: 0.94,
  },
  extraction: {
    crop: 'grape',
    variety: 'Zinfandel',
    fieldBlock: 'Block 7',
    issue: 'powdery_mildew',
    severity: 'moderate',
    symptoms: ['white spots', 'leaf curl'],
    observationTime: '2026-02-11T10:02:00-08:00',
  },
  normalization: { temperatureC: 19.5, leafWetness: 'damp', windEstimateKph: 8 },
  location: { lat: 38.5449, lon: -121.7405 },
  status: 'confirmed',
  schemaVersion: '1.0.0',
  deterministicChecksum: 'sha256:9f86d081884c7d65',
}

const recommendation: z.input<typeof Recommendation> = {
  recommendationId: 'rec_20260211_01KH7XR2M0Q8V5J7T4D9E3NACB',
  observationId: observation.observationId,
  playbookId: 'pbk_yolo_grape',
  playbookVersion: 3,
  weatherFeaturesId: 'wxf_20260211_demo_01',
  generatedAt: '2026-02-11T18:03:00Z',
  issue: 'powdery_mildew',
  severity: 'moderate',
  action: 'Apply sulfur-based contact spray in affected block.',
  rationale: ['Moderate powdery mildew in Block 7', 'Inversion until late morning'],
  timingWindow: {
    startAt: '2026-02-11T22:00:00Z',
    endAt: '2026-02-12T00:30:00Z',
    localTimezone: 'America/Los_Angeles',
    confidence: 0.8,
    drivers: ['avoid_inversion'],
  },
  riskFlags: [],
  requiredConfirmation: true,
  status: 'pending_confirmation',
}

const patch: z.input<typeof PlaybookPatch> = {
  patchId: 'pch_20260211_01KH7XS9G2W6Z1B4K8P5Y7QDHF',
  playbookId: 'pbk_yolo_grape',
  baseVersion: 3,
  requestedByDeviceId: 'dev_scout_1',
  requestedAt: '2026-02-11T18:04:00Z',
  reason: 'Afternoon gusts carried spray over the road.',
  operations: [{ op: 'replace', path: '/rules/rule_pm_moderate/constraints/maxWindKph', value: 10 }],
}

const PLAYBOOK: z.input<typeof PlaybookContent> = {
  playbookId: 'pbk_yolo_grape',
  crop: 'grape',
  region: 'yolo_county_ca',
  rules: {
    rule_pm_moderate: {
      ruleId: 'rule_pm_moderate',
      issue: 'powdery_mildew',
      severity: 'moderate',
      constraints: { maxWindKph: 10 },
      action: { type: 'spray', instructions: 'Apply sulfur-based contact spray in affected block.' },
      timing: { baseWindowHours: { startOffsetHours: 2, endOffsetHours: 6 }, weatherAdjustments: [] },
      editablePaths: ['/rules/rule_pm_moderate/constraints/maxWindKph'],
    },
  },
}

const batch: z.input<typeof SyncBatchRequest> = {
  syncId: 'sync_01KH7XT5C3N8R0F6M2V9S4WEJA',
  requestedAt: '2026-02-11T18:05:00Z',
  device: {
    deviceId: 'dev_scout_1',
    platform: 'ios',
    appVersion: '1.4.0',
    modelPackageVersion: '2026.02.1',
    offlineModeEnabled: true,
    lastSyncAt: null,
    updatedAt: '2026-02-11T18:00:00Z',
  },
  lastKnownServerCursor: '',
  upserts: { observations: [observation], recommendations: [recommendation], playbookPatches: [] },
}

// The public key of RFC 7517, appendix A.1.
const PUBLIC_KEY = {
  kty: 'EC',
  crv: 'P-256',
  x: 'f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU',
  y: 'x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0',
}

/** A request body of each write, as a device sends it. */
export const REQUEST_EXAMPLES: Partial<Record<OperationName, Record<string, unknown>>> = {
  'sync.batch': batch,
  'observations.create': observation,
  'playbooks.applyPatch': patch,
  'playbooks.create': {
    document: { ...PLAYBOOK, playbookId: 'pbk_lodi_grape' },
    reason: 'For the new vineyard.',
  },
  'playbooks.publish': {
    playbookId: 'pbk_yolo_grape',
    baseVersion: 3,
    document: PLAYBOOK,
    reason: 'Limits of the new sprayer.',
  },
  'playbooks.rollBack': {
    playbookId: 'pbk_yolo_grape',
    baseVersion: 4,
    toVersion: 3,
    reason: 'The new limit was too high.',
  },
  'playbooks.retire': { playbookId: 'pbk_yolo_grape', baseVersion: 5, reason: 'The block was pulled out.' },
  'proposals.approve': { proposalId: 'prp_12' },
  'proposals.withdraw': { proposalId: 'prp_12' },
  'proposals.reject': { proposalId: 'prp_12', reason: 'Wait for the trial in block 7.' },
  'devices.create': { deviceId: 'dev_scout_2', role: 'scout' },
  'devices.revoke': { deviceId: 'dev_scout_2' },
  'devices.readmit': { deviceId: 'dev_scout_2' },
  'devices.setRole': { deviceId: 'dev_scout_2', role: 'agronomist' },
  'devices.openEnrollment': { deviceId: 'dev_scout_3', role: 'scout', validForSeconds: 600 },
  'devices.enroll': {
    code: '7Q2MK-4T9ZB-0XH3W-RNC6V-8YDJ5E',
    publicKeyJwk: PUBLIC_KEY,
  },
  'devices.upgrade': { publicKeyJwk: PUBLIC_KEY },
  'devices.rotateKey': {
    deviceId: 'dev_scout_3',
    publicKeyJwk: PUBLIC_KEY,
    proof: 'eyJ0eXAiOiJkcG9wK2p3dCJ9…',
  },
  'devices.confirmKey': {
    deviceId: 'dev_scout_3',
    keyFingerprint: 'oKIywvGUpTVTyxMQ3bwIIeQUudfr_CkLMjCE19ECD-U',
  },
  'workspace.changeSettings': { baseVersion: 0, confirmKeys: true },
  'devices.wipe': { deviceId: 'dev_scout_3' },
  'devices.acknowledgeWipe': { deviceId: 'dev_scout_3', clientId: 'ws_demo/dev_scout_3', unsentDeleted: 4 },
  'recommendations.generate': { observationId: 'obs_20260211_01KH7XQ4TNE5GZ3V8W2M6RYB9C' },
  'observations.erase': {
    observationIds: ['obs_20260211_01KH7XQ4TNE5GZ3V8W2M6RYB9C'],
    reason: 'Request of 12 March',
  },
  'audit.acknowledgeLoss': { reason: 'Disk failed; restored the backup of 7:00' },
  'services.create': { serviceId: 'dev_svc_import', scopes: ['sync', 'read'], deviceIds: ['dev_scout_1'] },
  'services.rotate': { serviceId: 'dev_svc_import', endPrevious: 'at_first_use' },
  'services.grant': { serviceId: 'dev_svc_import', deviceIds: ['dev_scout_1', 'dev_scout_2'] },
  'services.revoke': { serviceId: 'dev_svc_import' },
  'people.invite': { email: 'rosa@example.com', name: 'Rosa Núñez', role: 'agronomist' },
  'people.withdrawInvitation': { invitationId: 'inv_01kh7xq4tne5gz3v8w2m6ryb9c' },
  'people.setRole': { personId: 'usr_01kh7xq4tne5gz3v8w2m6ryb9c', role: 'admin' },
  'people.endAccess': { personId: 'usr_01kh7xq4tne5gz3v8w2m6ryb9c' },
  'people.resetLink': { personId: 'usr_01kh7xq4tne5gz3v8w2m6ryb9c' },
  'grants.create': {
    deviceId: 'dev_agronomist_1',
    playbookId: 'pbk_yolo_grape',
    path: '/rules/rule_pm_moderate/constraints',
    actions: ['edit'],
    expiresAt: '2026-09-30T00:00:00Z',
  },
  'grants.revoke': { grantId: 'grt_6f1c0a4be77d4b9d8a52c0f3e1d2b3a4' },
  'devices.reissueToken': { deviceId: 'dev_scout_2', endPrevious: 'at_first_use' },
}
