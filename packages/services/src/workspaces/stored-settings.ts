import {
  DeviceId,
  type DeviceTokens,
  type SecondFactorSetting,
  type WeatherSetting,
  type WorkspaceSettings,
} from '@fieldsync/contracts'
import type { Queryable } from '@fieldsync/db'

type Row = {
  version: number
  confirmKeys: boolean
  fourEyes: boolean
  refusedFrom: Date | null
  weather: WeatherSetting
  needsSecondFactor: boolean
  changedAt: Date
  changedBy: string | null
}

const SETTINGS = `SELECT version, confirm_keys AS "confirmKeys", four_eyes AS "fourEyes", tokens_refused_from AS "refusedFrom",
    weather, second_factor AS "needsSecondFactor", changed_at AS "changedAt", changed_by AS "changedBy"
  FROM workspace_settings WHERE workspace_id = $1`

/** Those of a workspace that has changed none (WSP-1). */
const DEFAULTS = {
  version: 0,
  confirmKeys: false,
  fourEyes: false,
  deviceTokens: { mode: 'allowed' },
  weather: 'live',
  secondFactor: 'optional',
  changedAt: null,
  changedBy: null,
} as const

/** What is stored of a workspace's settings. */
export type StoredSettings = Omit<WorkspaceSettings, 'preShared' | 'weather' | 'secondFactor'> & {
  weather: WeatherSetting
  secondFactor: SecondFactorSetting
}

/** Reads the settings of a workspace; for a change of them or of what follows from them, under the workspace's lock. */
export async function readSettings(connection: Queryable, workspaceId: string): Promise<StoredSettings> {
  const { rows } = await connection.query<Row>(SETTINGS, [workspaceId])
  const [row] = rows
  if (!row) return DEFAULTS
  return {
    version: row.version,
    confirmKeys: row.confirmKeys,
    fourEyes: row.fourEyes,
    deviceTokens: deviceTokensOf(row.refusedFrom),
    weather: row.weather,
    secondFactor: row.needsSecondFactor ? 'required' : 'optional',
    changedAt: row.changedAt.toISOString(),
    changedBy: row.changedBy === null ? null : DeviceId.parse(row.changedBy),
  }
}

/** As stored: refused by every server at once, also by one whose clock is behind. */
const AT_ONCE = new Date(0)

function deviceTokensOf(refusedFrom: Date | null): DeviceTokens {
  if (refusedFrom === null) return { mode: 'allowed' }
  return refusedFrom <= AT_ONCE ? { mode: 'refused' } : { mode: 'until', until: refusedFrom.toISOString() }
}

/** The moment of the server's clock from which pre-shared tokens are refused; null while they are allowed. */
export function tokensRefusedFrom(deviceTokens: DeviceTokens): Date | null {
  if (deviceTokens.mode === 'until') return new Date(deviceTokens.until)
  return deviceTokens.mode === 'refused' ? AT_ONCE : null
}

// A device that calls with its key has no valid pre-shared token any more (ACC-14).
const PRE_SHARED = `SELECT count(*)::int AS devices, count(*) FILTER (WHERE d.role = 'admin')::int AS admins
  FROM devices d WHERE d.workspace_id = $1 AND d.revoked_at IS NULL AND d.service_scope IS NULL AND EXISTS (
    SELECT FROM device_tokens t
    WHERE t.workspace_id = d.workspace_id AND t.device_id = d.device_id AND t.revoked_at IS NULL)`

/** How many devices still have a valid pre-shared token. */
export async function countPreShared(
  connection: Queryable,
  workspaceId: string,
): Promise<WorkspaceSettings['preShared']> {
  const { rows } = await connection.query<WorkspaceSettings['preShared']>(PRE_SHARED, [workspaceId])
  return rows[0] ?? { devices: 0, admins: 0 }
}
