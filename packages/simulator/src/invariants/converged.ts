import type { DeviceCopy } from '../state/device-copy.ts'
import type { WorkspaceState } from '../state/workspace-state.ts'
import { isSame } from './equality.ts'

/** G4: with its queue empty and at the head, a device has exactly what the server has. */
export function converged({ device, server }: DeviceCopy, state: WorkspaceState): string[] {
  const held = currentRecords(state)
  return [
    ...[...held].flatMap(([key, record]) =>
      isSame(server.get(key), record)
        ? []
        : [`${device} ${server.has(key) ? 'has another' : 'has no'} ${key}`],
    ),
    ...[...server.keys()]
      .filter((key) => !held.has(key))
      .map((key) => `${device} has ${key}, the server has not`),
  ]
}

/** Every current record of a server by `<type>/<id>`. */
export const currentRecords = ({
  observations,
  recommendations,
  playbooks,
}: WorkspaceState): Map<string, object> =>
  new Map<string, object>([
    ...[...observations].map(([id, { record }]) => [`observation/${id}`, record] as const),
    ...[...recommendations].map(([id, { record }]) => [`recommendation/${id}`, record] as const),
    ...[...playbooks].map(([id, playbook]) => [`playbook/${id}`, playbook] as const),
  ])
