import { createResolutions } from '../conflict/resolutions.ts'
import type { Changeset } from '../core/changeset.ts'
import type { EngineContext } from '../core/engine-context.ts'
import type { LocalConflict } from '../core/local-conflict.ts'
import { deviceStore } from './device-store.ts'

/**
 * A device on which these conflicts are open, with the ways to resolve them.
 *
 * @param before what is on the device besides; the records of the conflicts are loaded
 */
export async function openConflicts(
  conflicts: readonly LocalConflict[],
  before: (changeset: Changeset) => unknown = () => undefined,
  options: Partial<EngineContext> = {},
) {
  const device = await deviceStore(options)
  const ids = await device.change(async (changeset) => {
    for (const { type, entityId, losing } of conflicts) {
      await changeset.load([{ type, id: entityId }])
      if ('patchId' in losing) await changeset.load([{ type: 'playbook', id: losing.playbookId }])
    }
    await before(changeset)
    return conflicts.map((conflict) => changeset.addConflict(conflict).id)
  })
  /** Whether each write was stored, after which a sync begins. */
  const writes: boolean[] = []
  const resolve = createResolutions(device.context, async (write) => {
    const outcome = await write
    writes.push(outcome.ok)
    return outcome
  })
  return { device, ids, id: ids[0] ?? '', resolve, writes }
}
