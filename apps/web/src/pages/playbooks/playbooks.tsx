import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { useState } from 'react'

import { Badge } from '../../components/badge.tsx'
import { Empty } from '../../components/empty.tsx'
import { Page } from '../../components/page.tsx'
import { QueryResult } from '../../components/query-result.tsx'
import { useMessages, useMomentText } from '../../messages/messages.tsx'
import { useApi, useSignedIn } from '../../server/server.ts'
import { useMayPublish } from './may-publish.ts'
import { PublishPlaybook } from './publish-playbook.tsx'

// No playbook has this id: only a grant for every playbook covers one that is not there yet.
const EVERY_PLAYBOOK = ''

/** The active playbooks. */
export function Playbooks() {
  const { t } = useMessages()
  const api = useApi()
  const navigate = useNavigate()
  const [creating, setCreating] = useState(false)
  const [proposed, setProposed] = useState<string | null>(null)
  const { isShown, withheld, proposes } = useMayPublish(EVERY_PLAYBOOK, true)
  const moment = useMomentText(useSignedIn().session.workspace.timeZone)
  const query = useQuery({
    queryKey: ['playbooks'],
    queryFn: ({ signal }) => api.playbooks.list.query({ limit: 100 }, { signal }),
  })
  const areProposals = useAreProposals()
  return (
    <Page
      title={t('playbooks.title')}
      lead={t('playbooks.lead')}
      actions={
        <>
          {areProposals ? <Link to="/proposals">{t('proposals.title')}</Link> : null}
          {isShown && !creating ? (
            <Button variant="default" disabled={withheld !== null} onClick={() => setCreating(true)}>
              {t('publish.create')}
            </Button>
          ) : null}
        </>
      }
    >
      {isShown && withheld !== null ? <p className="soft">{t(`publish.withheld.${withheld}`)}</p> : null}
      {creating ? (
        <PublishPlaybook
          proposes={proposes}
          close={() => setCreating(false)}
          done={(made) => {
            setCreating(false)
            if ('proposalId' in made) setProposed(made.proposalId)
            else void navigate({ to: '/playbooks/$playbookId', params: { playbookId: made.playbookId } })
          }}
        />
      ) : null}
      {proposed === null ? null : (
        <p className="note calm" role="status">
          {t('publish.proposed', { proposal: proposed })}
        </p>
      )}
      <QueryResult query={query} lines={3}>
        {({ items }) =>
          items.length === 0 ? (
            <section className="card">
              <Empty title={t('playbooks.none')}>{t('playbooks.none.lead')}</Empty>
            </section>
          ) : (
            items.map(({ playbookId, version, updatedAt, crop, rules, retiredAt }) => (
              <section key={playbookId} className="card">
                <h2>
                  <Link to="/playbooks/$playbookId" params={{ playbookId }}>
                    {playbookId}
                  </Link>{' '}
                  {retiredAt === undefined ? null : <Badge tone="calm">{t('publish.retired')}</Badge>}
                </h2>
                <p className="soft">
                  {t(`crop.${crop}`)} · {t('playbook.version', { version: String(version) })} ·{' '}
                  {t('playbooks.rules', { count: Object.keys(rules).length })} ·{' '}
                  {t('playbooks.changed', { at: moment(updatedAt) })}
                </p>
              </section>
            ))
          )
        }
      </QueryResult>
    </Page>
  )
}

/** Whether there is anything on the page of proposals: changes take two people, or did. */
function useAreProposals(): boolean {
  const api = useApi()
  const { session } = useSignedIn()
  const { data } = useQuery({
    queryKey: ['proposals', 'any'],
    queryFn: ({ signal }) => api.proposals.list.query({ limit: 1 }, { signal }),
    enabled: session.fourEyes !== true,
  })
  return session.fourEyes === true || (data?.items.length ?? 0) > 0
}
