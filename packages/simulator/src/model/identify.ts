import type { Actor } from '@fieldsync/domain'

import { type Refused, refusedCredential } from '../refused.ts'
import type { ModelDevice, ModelState, ModelWorkspace } from './model-state.ts'

/** Who calls, and on whose records. */
export type Caller = { actor: Actor; device: ModelDevice; workspace: ModelWorkspace }

/** The workspace and the device follow from the credential alone (ACC-1, ACC-4, ACC-5). */
export function identify(
  state: ModelState,
  token: string | undefined,
): { caller: Caller } | { refused: Refused } {
  if (token === undefined) return { refused: refusedCredential('missing') }
  const credential = state.credentials.get(token)
  const workspace = state.workspaces.get(credential?.workspaceId ?? '')
  const device = workspace?.devices.get(credential?.deviceId ?? '')
  if (!credential || !workspace || !device) return { refused: refusedCredential('invalid') }
  if (device.revoked) return { refused: refusedCredential('revoked') }
  if (credential.expired) return { refused: refusedCredential('expired') }
  const { workspaceId } = workspace
  const { deviceId, role } = device
  return { caller: { actor: { kind: 'device', workspaceId, deviceId, role }, device, workspace } }
}
