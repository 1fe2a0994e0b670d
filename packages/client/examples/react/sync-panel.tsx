import type { FieldsyncClient } from '@fieldsync/client'

import { useFieldsync, useStored, useSyncStatus } from './use-fieldsync.ts'

const newest = (client: FieldsyncClient) => client.records('observation', { reverse: true, limit: 20 })
const open = (client: FieldsyncClient) => client.conflicts()

export function SyncPanel() {
  const { sync, resolve } = useFieldsync()
  const { state, pending, problem } = useSyncStatus()
  const { value: notes = [], error } = useStored(newest)
  const { value: conflicts = [] } = useStored(open)
  return (
    <section>
      <p>
        {state}, {pending} waiting {problem}
        <button onClick={() => void sync()}>Sync now</button>
      </p>
      {error && <p role="alert">The notes on this device cannot be read: {error.message}</p>}
      <ul>
        {notes.map(({ id, document, status }) => (
          <li key={id}>
            {document.rawNoteText} ({status})
          </li>
        ))}
      </ul>
      {conflicts.map(({ id, entityId }) => (
        <p key={id}>
          {entityId} was changed by another device.
          <button onClick={() => void resolve.acceptServer(id)}>Take theirs</button>
        </p>
      ))}
    </section>
  )
}
