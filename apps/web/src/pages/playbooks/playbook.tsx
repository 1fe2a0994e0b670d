import type { PlaybookId } from '@fieldsync/contracts'
import { type Playbook } from '@fieldsync/contracts'
import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { useState } from 'react'

import { useMessages } from '../../messages/messages.tsx'
import { Answer } from '../../parts/answer.tsx'
import { Page } from '../../parts/page.tsx'
import { useApi, useMay } from '../../server/server.ts'
import { EditPlaybook } from './edit-playbook.tsx'
import { Rules } from './rules.tsx'
import { VersionDiff } from './version-diff.tsx'
import { Versions } from './versions.tsx'

const route = getRouteApi('/playbooks/$playbookId')

/** One playbook: its rules, its versions, and what differs between two of them. */
export function PlaybookPage() {
  const { t } = useMessages()
  const api = useApi()
  const playbookId = route.useParams().playbookId as PlaybookId
  const [edited, setEdited] = useState<Playbook | null>(null)
  const query = useQuery({
    queryKey: ['playbook', playbookId],
    queryFn: ({ signal }) => api.playbooks.get.query({ playbookId }, { signal }),
  })
  const mayEdit = useMay('playbooks.patch')
  const current = query.data
  const actions =
    mayEdit && edited === null && current !== undefined ? (
      // Read loosely, as a newer server may say more; what is sent is judged strictly.
      <Button onClick={() => setEdited(current)}>{t('playbook.edit')}</Button>
    ) : undefined
  const lead = current === undefined ? undefined : t('playbook.version', { version: String(current.version) })
  return (
    <Page
      title={playbookId}
      lead={lead}
      back={{ to: '/playbooks', label: t('playbooks.title') }}
      actions={actions}
    >
      <Answer query={query}>
        {(playbook) =>
          edited === null ? (
            <Rules playbook={playbook} />
          ) : (
            <EditPlaybook
              key={edited.version}
              playbook={edited}
              close={() => setEdited(null)}
              again={setEdited}
            />
          )
        }
      </Answer>
      {edited === null ? (
        <>
          <VersionDiff playbookId={playbookId} />
          <Versions playbookId={playbookId} />
        </>
      ) : null}
    </Page>
  )
}
