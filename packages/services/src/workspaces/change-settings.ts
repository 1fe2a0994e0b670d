import type { ChangedSettings, ChangeSettingsInput, DeviceTokens } from '@fieldsync/contracts'
import type { Queryable } from '@fieldsync/db'
import { canonicalText } from '@fieldsync/domain'

import type { AuthenticatedActor } from '../core/actor.ts'
import type { ServiceContext } from '../core/context.ts'
import { type Replayable, sha256 } from '../core/json-text.ts'
import { type ServiceError, settingsConflict, validationError } from '../core/service-error.ts'
import { verb } from '../core/verb.ts'
import { administrativeWrite } from '../write/administrative-write.ts'
import { answerOf } from '../write/commit-decided.ts'
import { countPreShared, readSettings, tokensRefusedFrom, type StoredSettings } from './stored-settings.ts'

/** What an admin sets. */
type Chosen = Pick<StoredSettings, 'confirmKeys' | 'fourEyes' | 'deviceTokens' | 'weather' | 'secondFactor'>

/**
 * Changes settings of the caller's workspace, if they are still those that the change is based on (WSP-2). Pre-shared tokens
 * are refused only where an admin has called with a key (WSP-4); it takes effect on every device's next request, and a write
 * under way is refused at its commit (ACC-25).
 *
 * @throws ServiceError CONFLICT, reason `settings_version`, with the present settings in its details, `no_admin_key` or
 * `no_second_factor`;
 * VALIDATION_ERROR for an end of tokens that has passed; IDEMPOTENCY_CONFLICT
 */
export const changeSettings = verb(
  'admin',
  async (call: {
    ctx: ServiceContext
    input: ChangeSettingsInput
  }): Promise<Replayable<ChangedSettings> | ServiceError> => {
    const { ctx, input } = call
    const { workspaceId } = ctx.actor
    const at = ctx.clock.now()
    const result = await administrativeWrite(
      ctx,
      {
        operation: 'workspace.changeSettings',
        action: 'workspace.change_settings',
        target: { type: 'workspace', id: workspaceId },
        input,
        at,
      },
      async (connection) => {
        const current = await readSettings(connection, workspaceId)
        const preShared = await countPreShared(connection, workspaceId)
        if (current.version !== input.baseVersion) {
          const message = 'The settings have been changed meanwhile; look at them and try again.'
          return {
            refusal: settingsConflict('settings_version', message, { settings: { ...current, preShared } }),
          }
        }
        const before = chosen(current)
        const { deviceTokens, ...given } = input
        const after = chosen({
          confirmKeys: given.confirmKeys ?? before.confirmKeys,
          fourEyes: given.fourEyes ?? before.fourEyes,
          deviceTokens: deviceTokens ?? before.deviceTokens,
          weather: given.weather ?? before.weather,
          secondFactor: given.secondFactor ?? before.secondFactor,
        })
        const paths = changedPaths(before, after)
        const answer = (settings: StoredSettings): string =>
          JSON.stringify({ ...settings, preShared, changed: paths.length > 0 } satisfies ChangedSettings)
        if (paths.length === 0) return { asItIs: answer(current) }
        const endsTokens = paths.includes('/deviceTokens')
        const needsFactors = paths.includes('/secondFactor') && after.secondFactor === 'required'
        const refusal =
          (needsFactors ? withoutSecondFactor(ctx.actor) : undefined) ??
          (endsTokens ? await refusalOf(connection, workspaceId, after.deviceTokens, at) : undefined)
        if (refusal) return { refusal }
        const settings: StoredSettings = {
          ...after,
          version: current.version + 1,
          changedAt: at.toISOString(),
          changedBy: ctx.actor.kind === 'system' ? null : ctx.actor.deviceId,
        }
        await storeSettings(connection, workspaceId, settings, at)
        return {
          answer: answer(settings),
          changes: [
            {
              type: 'workspace',
              id: workspaceId,
              kind: 'update',
              before: sha256(canonicalText(before)),
              after: sha256(canonicalText(after)),
              paths,
            },
          ],
          // An admin may end its own token: its rights are looked at before.
          afterwards: async () => {
            if (endsTokens) await reviewTokens(connection, workspaceId)
            if (paths.includes('/fourEyes')) await reviewEditors(connection, workspaceId)
            if (needsFactors) await reviewPeople(connection, workspaceId)
          },
        }
      },
    )
    return answerOf(result)
  },
)

/** The settings alone, instants as they are stored. */
const chosen = ({ confirmKeys, fourEyes, deviceTokens, weather, secondFactor }: Chosen): Chosen => ({
  confirmKeys,
  fourEyes,
  weather,
  secondFactor,
  deviceTokens:
    deviceTokens.mode === 'until'
      ? { mode: 'until', until: new Date(deviceTokens.until).toISOString() }
      : deviceTokens,
})

const changedPaths = (before: Chosen, after: Chosen): string[] =>
  (['confirmKeys', 'fourEyes', 'deviceTokens', 'weather', 'secondFactor'] as const)
    .filter((name) => canonicalText(before[name]) !== canonicalText(after[name]))
    .map((name) => `/${name}`)

// A confirmed key that has got an access token, or a person who has signed in: only then is it certain that an admin can call
// without a pre-shared token.
const ADMIN_KEY = `SELECT FROM devices d JOIN people p ON p.id = d.person_id
  WHERE d.workspace_id = $1 AND d.role = 'admin' AND d.revoked_at IS NULL AND p.last_sign_in_at IS NOT NULL
  UNION ALL SELECT FROM device_keys k JOIN devices d ON d.workspace_id = k.workspace_id AND d.device_id = k.device_id
  WHERE d.workspace_id = $1 AND d.role = 'admin' AND d.revoked_at IS NULL
    AND k.ended_at IS NULL AND k.confirmed_at IS NOT NULL AND k.first_used_at IS NOT NULL LIMIT 1`

async function refusalOf(
  connection: Queryable,
  workspaceId: string,
  deviceTokens: DeviceTokens,
  at: Date,
): Promise<ServiceError | undefined> {
  if (deviceTokens.mode === 'allowed') return undefined
  if (deviceTokens.mode === 'until' && new Date(deviceTokens.until) <= at) {
    const message = 'must be in the future; the mode refused ends tokens at once'
    return validationError([{ path: '/deviceTokens/until', message }])
  }
  const { rowCount } = await connection.query(ADMIN_KEY, [workspaceId])
  if (rowCount !== 0) return undefined
  const message =
    'No admin of this workspace has called with a key yet, and nobody could undo this: enroll the device of an admin first.'
  return settingsConflict('no_admin_key', message)
}

async function storeSettings(
  connection: Queryable,
  workspaceId: string,
  { version, confirmKeys, fourEyes, deviceTokens, weather, secondFactor, changedBy }: StoredSettings,
  at: Date,
): Promise<void> {
  await connection.query(
    `INSERT INTO workspace_settings (workspace_id, version, confirm_keys, tokens_refused_from, changed_at, changed_by, four_eyes,
         weather, second_factor)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
       ON CONFLICT (workspace_id) DO UPDATE SET version = $2, confirm_keys = $3, tokens_refused_from = $4,
         changed_at = $5, changed_by = $6, four_eyes = $7, weather = $8, second_factor = $9`,
    [
      workspaceId,
      version,
      confirmKeys,
      tokensRefusedFrom(deviceTokens),
      at,
      changedBy,
      fourEyes,
      weather,
      secondFactor === 'required',
    ],
  )
}

/** Lets every server read the rights of callers with a pre-shared token again, also of those that it remembers. */
async function reviewTokens(connection: Queryable, workspaceId: string): Promise<void> {
  await connection.query(
    `UPDATE devices d SET epoch = d.epoch + 1
      WHERE d.workspace_id = $1 AND d.revoked_at IS NULL AND d.service_scope IS NULL AND EXISTS (
        SELECT FROM device_tokens t
        WHERE t.workspace_id = d.workspace_id AND t.device_id = d.device_id AND t.revoked_at IS NULL)`,
    [workspaceId],
  )
}

/** A person who requires a second factor of all has one themselves: else they were the first who is shut out (WSP-8). */
function withoutSecondFactor(actor: AuthenticatedActor): ServiceError | undefined {
  if (actor.session === undefined || actor.session.hasSecondFactor) return undefined
  const message = 'You have no second factor yet: set yours up first, or sign in by your identity provider.'
  return settingsConflict('no_second_factor', message)
}

/** Refuses what people are writing at the moment: whoever has no second factor may not (PEO-22). */
async function reviewPeople(connection: Queryable, workspaceId: string): Promise<void> {
  await connection.query(
    `UPDATE devices d SET epoch = d.epoch + 1
      WHERE d.workspace_id = $1 AND d.revoked_at IS NULL AND d.person_id IS NOT NULL`,
    [workspaceId],
  )
}

/** Lets a patch that is under way be decided again: it was decided by the setting before (PUB-12). */
async function reviewEditors(connection: Queryable, workspaceId: string): Promise<void> {
  await connection.query(
    `UPDATE devices d SET epoch = d.epoch + 1
      WHERE d.workspace_id = $1 AND d.revoked_at IS NULL AND d.role IN ('agronomist', 'admin')`,
    [workspaceId],
  )
}
