import type { PlaybookId, Proposal } from '@fieldsync/contracts'
import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'

import { Badge } from '../../components/badge.tsx'
import { Dialog } from '../../components/dialog.tsx'
import { Empty } from '../../components/empty.tsx'
import { QueryResult } from '../../components/query-result.tsx'
import { Steps, useChange } from '../../components/steps.tsx'
import { useMessages, useMoment } from '../../messages/messages.tsx'
import { usePersonName } from '../../server/person-names.ts'
import { useApi, useMay, useSignedIn } from '../../server/server.ts'
import { AffectedRecommendations } from '../recommendations/affected-recommendations.tsx'
import { Differences } from './differences.tsx'
import { changesBetween } from './leaves.ts'
import { isPerson } from './may-publish.ts'
import { isReasonGiven, ReasonField } from './reason-field.tsx'
import { contentOf, nextVersion } from './typed-playbook.ts'

type Decision = 'approve' | 'reject' | 'withdraw'

/** Changes of a playbook that wait for a second person, and the latest that were decided (APP-88). Nothing where there never was one. */
export function Proposals({ playbookId }: { playbookId: PlaybookId }) {
  const { t } = useMessages()
  const api = useApi()
  const { session } = useSignedIn()
  const query = useQuery({
    queryKey: ['proposals', playbookId],
    queryFn: ({ signal }) => api.proposals.list.query({ limit: 20, playbookId }, { signal }),
  })
  if (session.fourEyes !== true && (query.data?.items.length ?? 0) === 0) return null
  return (
    <section className="card">
      <h2>{t('proposals.title')}</h2>
      <QueryResult query={query} lines={2}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty title={t('proposals.none')}>{t('proposals.none.lead')}</Empty>
          ) : (
            <ProposalItems items={items} />
          )
        }
      </QueryResult>
    </section>
  )
}

/** Proposals with what they would change, and what the signed-in person may decide. */
export const ProposalItems = ({ items }: { items: readonly Proposal[] }) => (
  <ul className="diff">
    {items.map((proposal) => (
      <li key={proposal.proposalId}>
        <OneProposal proposal={proposal} />
      </li>
    ))}
  </ul>
)

function OneProposal({ proposal }: { proposal: Proposal }) {
  const { t } = useMessages()
  const { session } = useSignedIn()
  const moment = useMoment(session.workspace.timeZone)
  const [isShown, setShown] = useState(false)
  const { proposalId, playbookId, kind, baseVersion, toVersion, state, stale, proposedBy } = proposal
  const nameOf = usePersonName()
  const who = (id: string | null): string => (id === null ? t('versions.operator') : nameOf(id))
  return (
    <>
      <div className="row">
        <strong>
          {proposalId} ·{' '}
          {t(`proposals.kind.${kind}`, { version: String(baseVersion), to: String(toVersion) })}
        </strong>
        <Badge tone={state === 'open' ? 'waiting' : state === 'approved' ? 'settled' : 'calm'}>
          {t(`proposals.state.${state}`)}
        </Badge>
        {stale ? <Badge tone="clash">{t('proposals.stale')}</Badge> : null}
        <span className="soft">
          {baseVersion === null && state !== 'approved' ? (
            playbookId
          ) : (
            <Link to="/playbooks/$playbookId" params={{ playbookId }}>
              {playbookId}
            </Link>
          )}{' '}
          · {moment(proposal.proposedAt)} · {t('proposals.by', { who: who(proposedBy) })}
        </span>
      </div>
      <p>{proposal.reason}</p>
      {state === 'open' ? null : (
        <p className="soft">
          {t('proposals.decided', {
            state: t(`proposals.state.${state}`),
            who: who(proposal.decidedBy),
            why: proposal.decisionReason ?? '–',
          })}
        </p>
      )}
      {isShown ? (
        <ProposedChanges proposal={proposal} />
      ) : (
        <Button variant="default" size="xs" onClick={() => setShown(true)}>
          {t('proposals.show')}
        </Button>
      )}
      {state === 'open' ? <Decide proposal={proposal} /> : null}
    </>
  )
}

type ChangesProps = {
  readonly proposal: Proposal
  /** It is about to become a version: what follows from it is shown too. */
  readonly isDecided?: boolean
}

/** What the proposal would change of the version that it is based on. */
function ProposedChanges({ proposal, isDecided = false }: ChangesProps) {
  const { proposalId, playbookId, baseVersion, kind } = proposal
  const api = useApi()
  const query = useQuery({
    queryKey: ['proposal', proposalId],
    queryFn: async ({ signal }) => {
      const { document } = await api.proposals.get.query({ proposalId }, { signal })
      const before =
        baseVersion === null
          ? undefined
          : await api.playbooks.get.query({ playbookId, version: baseVersion }, { signal })
      const changes = changesBetween(contentOf(before), contentOf(document))
      // A retirement changes no rule, and a new playbook has no recommendations yet.
      const after = before && kind !== 'retirement' ? nextVersion(before, document) : undefined
      return { changes, after }
    },
  })
  return (
    <QueryResult query={query} lines={2}>
      {({ changes, after }) => (
        <>
          <Differences changes={changes} />
          {isDecided && after !== undefined ? <AffectedRecommendations after={after} /> : null}
        </>
      )}
    </QueryResult>
  )
}

/** What the signed-in person may do with an open proposal; what is withheld says why. */
function Decide({ proposal }: { proposal: Proposal }) {
  const { t } = useMessages()
  const { session } = useSignedIn()
  const mayDecide = useMay('proposals.approve')
  const [opened, setOpened] = useState<Decision | null>(null)
  if (!mayDecide) return null
  const isOwn = proposal.proposedBy === session.deviceId
  const isWithheld = !isPerson(session)
  const offered: readonly Decision[] = isOwn
    ? ['withdraw']
    : proposal.stale
      ? ['reject']
      : ['approve', 'reject']
  return (
    <>
      {isWithheld ? (
        <p className="soft">{t('publish.withheld.four_eyes')}</p>
      ) : isOwn ? (
        <p className="soft">{t('proposals.own')}</p>
      ) : proposal.stale ? (
        <p className="soft">{t('proposals.stale.lead')}</p>
      ) : null}
      <div className="row">
        {offered.map((decision) => (
          <Button
            key={decision}
            size="xs"
            variant={decision === 'approve' ? 'filled' : 'default'}
            disabled={isWithheld}
            onClick={() => setOpened(decision)}
          >
            {t(`proposals.${decision}`)}
          </Button>
        ))}
      </div>
      {opened === null ? null : (
        <DecideDialog proposal={proposal} decision={opened} close={() => setOpened(null)} />
      )}
    </>
  )
}

type DecideProps = { proposal: Proposal; decision: Decision; close: () => void }

function DecideDialog({ proposal, decision, close }: DecideProps) {
  const { t } = useMessages()
  const api = useApi()
  const { proposalId } = proposal
  const [reason, setReason] = useState('')
  const given = isReasonGiven(reason)
  const change = useChange(async () => {
    if (decision === 'reject') return await api.proposals.reject.mutate({ proposalId, reason })
    const input = { proposalId, ...(given ? { reason } : {}) }
    if (decision === 'approve') return await api.proposals.approve.mutate(input)
    return await api.proposals.withdraw.mutate(input)
  }, close)
  return (
    <Dialog close={close} title={t(`proposals.${decision}.title`, { proposal: proposalId })}>
      <Steps
        change={change}
        close={close}
        label={t(`proposals.${decision}`)}
        isReady={decision !== 'reject' || given}
      >
        {decision === 'approve' ? <p>{t('proposals.approve.lead')}</p> : null}
        <ProposedChanges proposal={proposal} isDecided={decision === 'approve'} />
        <ReasonField
          value={reason}
          onChange={setReason}
          {...(decision === 'reject' ? {} : { label: t('proposals.note') })}
        />
      </Steps>
    </Dialog>
  )
}
