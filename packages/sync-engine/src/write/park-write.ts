import type { Changeset } from '../core/changeset.ts'
import type { EngineContext } from '../core/engine-context.ts'
import type { WrittenName } from '../core/engine-events.ts'
import type { LocalConflict } from '../core/local-conflict.ts'
import type { EntityType, OutboxEntry } from '../core/local-record.ts'
import type { EditConflict } from '../core/merge-edit.ts'

type LocalKind = Extract<LocalConflict, { kind: 'local' }>

/**
 * Stores a write as a local conflict in place of queueing it: it keeps its place among the record's writes, and nothing
 * of the record is sent until a person has decided (ENG-38). The records that it names must be loaded.
 *
 * @param met the version on the device that the write met
 */
export async function parkWrite(
  changeset: Changeset,
  entry: OutboxEntry,
  { code, resolution, message }: EditConflict,
  met: Pick<LocalKind, 'server' | 'playbook'>,
): Promise<LocalConflict> {
  const { type, id, document, writtenAt } = entry
  const { local } = changeset.record<EntityType>(type, id)
  const place = changeset.enqueue(entry)
  changeset.dequeue(place, entry)
  const record = changeset.record<EntityType>(type, id)
  // What is queued is what is seen of a record; what waits for a person is seen in its conflict.
  const newest = (await changeset.entries(record.queued)).at(-1)?.entry
  if (newest && !newest.offer) changeset.put({ ...record, local })
  const parked = { kind: 'local', type, entityId: id, losing: document, place, foundAt: writtenAt } as const
  return changeset.addConflict({ ...parked, ...met, code, resolution, message })
}

/** Emits what became of a write, once it is stored. */
export function emitSaved(context: EngineContext, record: WrittenName, parked: LocalConflict | null): void {
  context.emit({ kind: 'saved', record })
  if (parked !== null) context.emit({ kind: 'conflict', conflict: parked })
}
