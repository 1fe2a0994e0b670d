import type { ListedPlaybook, Proposal, PublishedVersion } from '@fieldsync/contracts'
import { Button } from '@mantine/core'
import { useState } from 'react'

import { useMessages } from '../../messages/messages.tsx'
import { Retire } from './change-dialogs.tsx'
import { useMayPublish } from './may-publish.ts'

type Props = {
  readonly playbook: ListedPlaybook
  readonly publish: () => void
  readonly done: (made: PublishedVersion | Proposal) => void
}

/** What somebody with the right may do with a whole playbook (APP-85, APP-87). */
export function PublishActions({ playbook: { playbookId, version, retiredAt }, publish, done }: Props) {
  const { t } = useMessages()
  const some = useMayPublish(playbookId)
  const all = useMayPublish(playbookId, true)
  const [retires, setRetires] = useState(false)
  if (!some.isShown) return null
  return (
    <>
      <Button variant="default" disabled={some.withheld !== null} onClick={publish}>
        {t('publish.go')}
      </Button>
      {retiredAt === undefined ? (
        <Button variant="default" disabled={all.withheld !== null} onClick={() => setRetires(true)}>
          {t('retire.go')}
        </Button>
      ) : null}
      {retires ? (
        <Retire
          playbookId={playbookId}
          baseVersion={version}
          proposes={all.proposes}
          close={() => setRetires(false)}
          done={done}
        />
      ) : null}
    </>
  )
}
