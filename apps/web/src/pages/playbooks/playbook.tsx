import type { PatchApplyResult, Playbook, PlaybookId, Proposal, PublishedVersion } from '@fieldsync/contracts'
import { conditionText, rationaleText } from '@fieldsync/messages'
import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { useEffect, useMemo, useRef, useState } from 'react'

import { Facts } from '../../components/facts.tsx'
import { Page } from '../../components/page.tsx'
import { QueryResult } from '../../components/query-result.tsx'
import { nameOf, valueText } from '../../components/value-text.ts'
import { useMessages } from '../../messages/messages.tsx'
import { useApi, useMay, useSignedIn } from '../../server/server.ts'
import { EditPlaybook, type Editing } from './edit-playbook.tsx'
import { leavesOf } from './leaves.ts'
import { useMayPublish } from './may-publish.ts'
import { PlaybookNotes } from './playbook-notes.tsx'
import { Proposals } from './proposals.tsx'
import { PublishActions } from './publish-actions.tsx'
import { PublishPlaybook } from './publish-playbook.tsx'
import { UnsavedEdits } from './unsaved-edit.ts'
import { VersionDiff, Versions } from './versions.tsx'

const route = getRouteApi('/playbooks/$playbookId')

/** One playbook: its rules, its versions, and what differs between two of them. */
export function PlaybookPage() {
  const { t } = useMessages()
  const api = useApi()
  const playbookId = route.useParams().playbookId as PlaybookId
  const { session } = useSignedIn()
  const unsaved = useMemo(
    () => new UnsavedEdits(session.workspace.workspaceUid, playbookId),
    [session.workspace.workspaceUid, playbookId],
  )
  const [edited, setEdited] = useState<Editing | null>(null)
  const editButton = useRef<HTMLButtonElement>(null)
  const query = useQuery({
    queryKey: ['playbook', playbookId],
    queryFn: ({ signal }) => api.playbooks.get.query({ playbookId }, { signal }),
  })
  const mayEdit = useMay('playbooks.applyPatch')
  useEffect(() => {
    if (!mayEdit) return undefined
    let left = false
    const restore = async (): Promise<void> => {
      const edit = await unsaved.find()
      if (edit && !left) setEdited((now) => now ?? { ...edit, restored: true })
    }
    void restore()
    return () => {
      left = true
    }
  }, [unsaved, mayEdit])
  const wasEditing = useRef(false)
  useEffect(() => {
    if (edited === null && wasEditing.current) editButton.current?.focus()
    wasEditing.current = edited !== null
  }, [edited])
  const current = query.data
  const [publishing, setPublishing] = useState(false)
  const [proposed, setProposed] = useState<string | null>(null)
  const { proposes, withheld } = useMayPublish(playbookId)
  const finished = (made: PublishedVersion | PatchApplyResult | Proposal): void => {
    setPublishing(false)
    setProposed('proposalId' in made ? made.proposalId : null)
  }
  const isIdle = edited === null && !publishing
  // A device's change is refused where changes take two persons.
  const editWithheld = withheld === 'four_eyes' || current?.retiredAt !== undefined
  const actions =
    isIdle && current !== undefined ? (
      <div className="row">
        {mayEdit ? (
          <Link to="/playbooks/$playbookId/grants" params={{ playbookId }}>
            {t('grants.open')}
          </Link>
        ) : null}
        {mayEdit ? (
          // Read loosely, as a newer server may say more; what is sent is judged strictly.
          <Button
            ref={editButton}
            disabled={editWithheld}
            onClick={() => setEdited({ playbook: current, typed: [], reason: '', sent: [], restored: false })}
          >
            {t('playbook.edit')}
          </Button>
        ) : null}
        <PublishActions playbook={current} publish={() => setPublishing(true)} done={finished} />
      </div>
    ) : undefined
  const lead = current === undefined ? undefined : t('playbook.version', { version: String(current.version) })
  return (
    <Page
      title={playbookId}
      lead={lead}
      back={{ to: '/playbooks', label: t('playbooks.title') }}
      actions={actions}
    >
      <PlaybookNotes playbook={current} mayEdit={mayEdit} withheld={withheld} proposed={proposed} />
      <QueryResult query={query}>
        {(playbook) =>
          publishing ? (
            <PublishPlaybook
              active={playbook}
              proposes={proposes}
              close={() => setPublishing(false)}
              done={finished}
            />
          ) : edited === null ? (
            <Rules playbook={playbook} />
          ) : (
            <EditPlaybook
              key={edited.playbook.version}
              editing={edited}
              unsaved={unsaved}
              close={() => setEdited(null)}
              done={finished}
              again={setEdited}
            />
          )
        }
      </QueryResult>
      {isIdle ? (
        <>
          <Proposals playbookId={playbookId} />
          <VersionDiff playbookId={playbookId} />
          <Versions playbookId={playbookId} {...(current ? { active: current, done: finished } : {})} />
        </>
      ) : null}
    </Page>
  )
}

/** A playbook's rules as people read them. */
function Rules({ playbook }: { playbook: Playbook }) {
  const { t, formats } = useMessages()
  const signed = (minutes: number): string => (minutes > 0 ? '+' : '') + formats.number(minutes)
  return Object.entries(playbook.rules).map(([ruleId, { constraints, action, timing, issue, severity }]) => (
    <section key={ruleId} className="card">
      <div>
        <h2>
          {t(`issue.${issue}`)} · {t(`severity.${severity}`)} → {t(`action.${action.type}`)}
        </h2>
        <p className="soft mono">{ruleId}</p>
      </div>
      <p>{action.instructions}</p>
      <Facts
        of={leavesOf({ constraints, timing: timing.baseWindowHours }).map(
          ({ segments, value }) => [nameOf(segments, t), valueText(segments, value, { t, formats })] as const,
        )}
      />
      {timing.weatherAdjustments.map(
        ({ feature, condition, shiftStartMinutes, shiftEndMinutes, rationaleTag }) => (
          <p key={`${feature} ${condition}`} className="soft">
            {t('playbook.adjusts', {
              feature: t(`feature.${feature}`),
              condition: conditionText(t, condition),
              start: signed(shiftStartMinutes),
              end: signed(shiftEndMinutes),
              why: rationaleText(t, rationaleTag),
            })}
          </p>
        ),
      )}
    </section>
  ))
}
