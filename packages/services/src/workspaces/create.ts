import { readFile } from 'node:fs/promises'

import { NO_WEATHER } from '@fieldsync/agronomy'
import { Playbook, WeatherFeatures, type WeatherSetting, type WorkspaceId } from '@fieldsync/contracts'
import { inTransaction, lockWorkspace } from '@fieldsync/db'
import { canonicalRecord, canonicalText, EMPTY_STATE_HASH, GENESIS, recordDigest } from '@fieldsync/domain'

import type { AdminContext } from '../core/context.ts'
import { sha256 } from '../core/json-text.ts'
import { ServiceError } from '../core/service-error.ts'
import { mapUnavailable } from '../core/verb.ts'
import { commitAsSystem } from '../write/admin-context.ts'

export const DEFAULT_TIME_ZONE = 'America/Los_Angeles'

export type NewWorkspace = {
  workspaceId: WorkspaceId
  name?: string | undefined
  timeZone?: string | undefined
  /** Where its weather comes from; unless given, the default of settings (WSP-1). */
  weather?: WeatherSetting | undefined
}
export type WorkspaceInfo = {
  workspaceId: string
  workspaceUid: string
  name: string
  timeZone: string
  createdAt: Date
}

type Call = { ctx: AdminContext; input: NewWorkspace }

/**
 * Creates a workspace with the starter playbook, the demo weather and the record of no weather (RUN rules, REC-13).
 *
 * @throws ServiceError CONFLICT if it exists, VALIDATION_ERROR for an unknown time zone
 */
export async function createWorkspace(call: Call): Promise<WorkspaceInfo> {
  const made = await mapUnavailable(() => addWorkspace(call))
  if (!made) throw new ServiceError('CONFLICT', `The workspace ${call.input.workspaceId} exists already.`)
  return made
}

/** {@link createWorkspace}, and undefined where one of this id exists already. */
export async function addWorkspace({ ctx, input }: Call): Promise<WorkspaceInfo | undefined> {
  const { workspaceId, name = workspaceId, timeZone = DEFAULT_TIME_ZONE, weather } = input
  requireTimeZone(timeZone)
  const starter = await readStarter()
  const now = ctx.clock.now()
  return await inTransaction(ctx.runtime.db, async (connection) => {
    const {
      rows: [made],
    } = await connection.query<{ workspaceUid: string }>(
      `INSERT INTO workspaces (workspace_id, name, time_zone, created_at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING
         RETURNING workspace_uid AS "workspaceUid"`,
      [workspaceId, name, timeZone, now],
    )
    if (!made) return undefined
    await connection.query(
      'INSERT INTO workspace_heads (workspace_id, position, audit_seq, audit_hash, state_hash) VALUES ($1, 0, 0, $2, $3)',
      [workspaceId, GENESIS, EMPTY_STATE_HASH],
    )
    if (weather !== undefined) {
      await connection.query(
        `INSERT INTO workspace_settings (workspace_id, version, confirm_keys, changed_at, weather) VALUES ($1, 1, false, $2, $3)`,
        [workspaceId, now, weather],
      )
    }
    await connection.query(
      `INSERT INTO weather_features (workspace_id, weather_features_id, document, stored_at)
         VALUES ($1, $2, $3, $6), ($1, $4, $5, $6)`,
      [
        workspaceId,
        starter.weather.weatherFeaturesId,
        starter.weatherText,
        NO_WEATHER.weatherFeaturesId,
        canonicalText(NO_WEATHER),
        now,
      ],
    )
    await lockWorkspace(connection, workspaceId)
    const { playbook, playbookText } = starter
    const { playbookId, version, updatedAt } = playbook
    await commitAsSystem(
      connection,
      ctx,
      workspaceId,
      {
        action: 'workspace.create',
        at: now,
        target: { type: 'workspace', id: workspaceId },
        changes: [
          { type: 'playbook', id: playbookId, kind: 'create', before: null, after: sha256(playbookText) },
        ],
      },
      {
        positions: 1,
        stateDelta: recordDigest('playbook', playbookId, canonicalRecord(playbook), sha256),
        playbooks: [
          `"i":1,"id":${JSON.stringify(playbookId)},"revision":null,"version":${version},"updated":${JSON.stringify(updatedAt)}`,
        ],
        // What came before the starter is not known here: its path is the whole document, so that a patch on an
        // earlier version always counts as overlapping.
        versions: [
          `"playbook":${JSON.stringify(playbookId)},"version":${version},"patch":null,"paths":[""],"document":${playbookText}`,
        ],
      },
    )
    return { workspaceId, workspaceUid: made.workspaceUid, name, timeZone, createdAt: now }
  })
}

function requireTimeZone(timeZone: string): void {
  try {
    Intl.DateTimeFormat('en', { timeZone }).format(0)
  } catch {
    throw new ServiceError(
      'VALIDATION_ERROR',
      `There is no time zone ${timeZone}; use a name as America/Los_Angeles.`,
    )
  }
}

const STARTER = new URL('../../../../prisma/starter/', import.meta.url)

const read = async (name: string): Promise<unknown> =>
  JSON.parse(await readFile(new URL(name, STARTER), 'utf8'))

/** What every new workspace begins with: the playbook that old apps carry, and weather to try things with. */
async function readStarter(): Promise<{
  playbook: Playbook
  playbookText: string
  weather: WeatherFeatures
  weatherText: string
}> {
  const playbook = Playbook.parse(await read('starter-playbook.json'))
  const weather = WeatherFeatures.parse(await read('demo-weather.json'))
  return { playbook, playbookText: canonicalText(playbook), weather, weatherText: canonicalText(weather) }
}
