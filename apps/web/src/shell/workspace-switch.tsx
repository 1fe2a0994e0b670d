import { NativeSelect } from '@mantine/core'

import { useMessages } from '../messages/messages.tsx'
import { useSignedIn } from '../server/server.ts'

/** The workspace's name, and the way to the others of the person who is signed in (APP-78). */
export function WorkspaceSwitch() {
  const { t } = useMessages()
  const { session, person } = useSignedIn()
  const { workspaceId, name } = session.workspace
  if (person === undefined || person.workspaces.length < 2) return <span className="place">{name}</span>
  return (
    <NativeSelect
      className="place-choice"
      size="xs"
      aria-label={t('workspace')}
      value={workspaceId}
      onChange={({ currentTarget }) => person.switchTo(currentTarget.value)}
      data={person.workspaces.map((each) => ({ value: each.workspaceId, label: each.name }))}
    />
  )
}
