import type { PlaybookId, Proposal, PublishedVersion } from '@fieldsync/contracts'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'

import { Dialog } from '../../components/dialog.tsx'
import { QueryResult } from '../../components/query-result.tsx'
import { Steps, useChange } from '../../components/steps.tsx'
import { useMessages } from '../../messages/messages.tsx'
import { useApi } from '../../server/server.ts'
import { AffectedRecommendations } from '../recommendations/affected-recommendations.tsx'
import { Differences } from './differences.tsx'
import { changesBetween } from './leaves.ts'
import { isReasonGiven, ReasonField } from './reason-field.tsx'
import { contentOf, nextVersion } from './typed-playbook.ts'

type Common = {
  readonly playbookId: PlaybookId
  readonly baseVersion: number
  readonly proposes: boolean
  readonly close: () => void
  readonly done: (made: PublishedVersion | Proposal) => void
}

/** A new version with the content of an earlier one, after what that changes was seen (APP-86). */
export function RollBack({
  playbookId,
  baseVersion,
  toVersion,
  proposes,
  close,
  done,
}: Common & { toVersion: number }) {
  const { t } = useMessages()
  const api = useApi()
  const [reason, setReason] = useState('')
  const differences = useQuery({
    queryKey: ['rollback', playbookId, baseVersion, toVersion],
    queryFn: async ({ signal }) => {
      const [before, after] = await Promise.all(
        [baseVersion, toVersion].map((version) =>
          api.playbooks.get.query({ playbookId, version }, { signal }),
        ),
      )
      const changes = changesBetween(contentOf(before), contentOf(after))
      return { changes, after: before && after ? nextVersion(before, after) : undefined }
    },
  })
  const change = useChange(async () => {
    const input = { playbookId, baseVersion, toVersion, reason }
    done(await api.playbooks.rollBack.mutate(input))
  }, close)
  return (
    <Dialog close={close} title={t('rollBack.to', { version: String(toVersion) })}>
      <Steps
        change={change}
        close={close}
        label={t(proposes ? 'publish.propose' : 'rollBack.go')}
        isReady={isReasonGiven(reason)}
      >
        <p>{t('rollBack.lead')}</p>
        <QueryResult query={differences} lines={2}>
          {({ changes, after }) => (
            <>
              <Differences changes={changes} />
              {after === undefined || changes.length === 0 ? null : <AffectedRecommendations after={after} />}
            </>
          )}
        </QueryResult>
        <ReasonField value={reason} onChange={setReason} />
        {proposes ? <p className="note calm">{t('publish.twoPersons')}</p> : null}
      </Steps>
    </Dialog>
  )
}

/** Retires a playbook, with a reason (APP-87). */
export function Retire({ playbookId, baseVersion, proposes, close, done }: Common) {
  const { t } = useMessages()
  const api = useApi()
  const [reason, setReason] = useState('')
  const change = useChange(async () => {
    done(await api.playbooks.retire.mutate({ playbookId, baseVersion, reason }))
  }, close)
  return (
    <Dialog close={close} title={t('retire.title', { playbookId })}>
      <Steps
        change={change}
        close={close}
        label={t(proposes ? 'publish.propose' : 'retire.confirm')}
        isReady={isReasonGiven(reason)}
        isDanger
      >
        <p>{t('retire.lead')}</p>
        <ReasonField value={reason} onChange={setReason} />
        {proposes ? <p className="note calm">{t('publish.twoPersons')}</p> : null}
      </Steps>
    </Dialog>
  )
}
