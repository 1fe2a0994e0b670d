import { isFieldsyncError } from '@fieldsync/client'
import type { Playbook, Proposal, PublishedVersion } from '@fieldsync/contracts'
import { Button, FileButton, Textarea } from '@mantine/core'
import { type FormEvent, useEffect, useRef, useState } from 'react'

import { ErrorNote } from '../../components/error-note.tsx'
import { useChange } from '../../components/steps.tsx'
import { useMessages } from '../../messages/messages.tsx'
import { useApi } from '../../server/server.ts'
import { AffectedRecommendations } from '../recommendations/affected-recommendations.tsx'
import { Differences } from './differences.tsx'
import { isReasonGiven, ReasonField } from './reason-field.tsx'
import { nextVersion, readTyped, type TypedPlaybook, typedText } from './typed-playbook.ts'

type Props = {
  /** The version that it is to follow; none for a playbook that is new. */
  readonly active?: Playbook | undefined
  readonly proposes: boolean
  readonly close: () => void
  readonly done: (made: PublishedVersion | Proposal) => void
}

/** A whole playbook as text or from a file, with what it would change, before it is published (APP-85). */
export function PublishPlaybook({ active, proposes, close, done }: Props) {
  const { t } = useMessages()
  const api = useApi()
  const heading = useRef<HTMLHeadingElement>(null)
  const field = useRef<HTMLTextAreaElement>(null)
  // What a person has seen the differences to; another version that arrives meanwhile is not taken silently.
  const [base, setBase] = useState(active)
  const [text, setText] = useState(() => (active ? typedText(active) : ''))
  const [reason, setReason] = useState('')
  const [isTried, setTried] = useState(false)
  useEffect(() => heading.current?.focus(), [])
  const typed = readTyped(text, base)
  const publication = useChange(async () => {
    if (typed.kind !== 'valid') return undefined
    const { document } = typed
    if (!base) return await api.playbooks.create.mutate({ document, reason })
    const { playbookId, version } = base
    return await api.playbooks.publish.mutate({ playbookId, baseVersion: version, document, reason })
  })
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    setTried(true)
    if (typed.kind !== 'valid') return field.current?.focus()
    if (!isReasonGiven(reason)) return
    publication.mutate(undefined, { onSuccess: (made) => made && done(made) })
  }
  const read = async (file: File | null): Promise<void> => {
    if (file) setText(await file.text())
  }
  const isMismatch =
    isFieldsyncError(publication.error, 'PLAYBOOK_VERSION_MISMATCH') || active?.version !== base?.version
  const rebase = useChange(async () => {
    if (base) setBase(await api.playbooks.get.query({ playbookId: base.playbookId }))
    publication.reset()
  })
  const label = proposes
    ? t('publish.propose')
    : t('publish.confirm', { version: String((base?.version ?? 0) + 1) })
  return (
    <form className="card" onSubmit={submit} noValidate>
      <h2 ref={heading} tabIndex={-1}>
        {base ? t('publish.title', { version: String(base.version) }) : t('publish.create.title')}
      </h2>
      <p className="soft">{t(active ? 'publish.lead' : 'publish.create.lead')}</p>
      <div className="row">
        <FileButton accept="application/json,.json" onChange={(file) => void read(file)}>
          {(button) => (
            <Button variant="default" {...button}>
              {t('publish.file')}
            </Button>
          )}
        </FileButton>
      </div>
      <Textarea
        ref={field}
        label={t('publish.document')}
        name="document"
        classNames={{ input: 'mono' }}
        rows={14}
        value={text}
        onChange={({ currentTarget }) => setText(currentTarget.value)}
        error={typed.kind === 'wrong' || typed.kind === 'notJson' || typed.kind === 'otherId'}
        aria-describedby="typed-playbook"
        spellCheck={false}
      />
      <div id="typed-playbook" role="status">
        <TypedNote typed={typed} isTried={isTried} />
      </div>
      {typed.kind === 'valid' && base ? (
        <>
          <h3>{t('edit.preview')}</h3>
          <Differences changes={typed.changes} />
          {typed.changes.length === 0 ? null : (
            <AffectedRecommendations after={nextVersion(base, typed.document)} />
          )}
        </>
      ) : null}
      <ReasonField value={reason} onChange={setReason} isTried={isTried} />
      {proposes ? <p className="note calm">{t('publish.twoPersons')}</p> : null}
      {isMismatch ? (
        <div className="note waiting" role="alert">
          <p>{t('publish.mismatch')}</p>
          <Button variant="default" size="xs" loading={rebase.isPending} onClick={() => rebase.mutate()}>
            {t('publish.mismatch.go')}
          </Button>
          {rebase.error === null ? null : <ErrorNote error={rebase.error} />}
        </div>
      ) : publication.error === null ? null : (
        <ErrorNote error={publication.error} />
      )}
      <div className="row">
        <Button type="submit" loading={publication.isPending}>
          {label}
        </Button>
        <Button variant="default" onClick={close}>
          {t('cancel')}
        </Button>
      </div>
    </form>
  )
}

/** How many places that are wrong are listed. */
const LISTED = 12

/** What is wrong with it, place by place. */
function TypedNote({ typed, isTried }: { typed: TypedPlaybook; isTried: boolean }) {
  const { t } = useMessages()
  switch (typed.kind) {
    case 'valid':
      return null
    case 'empty':
      return isTried ? <p className="note clash">{t('publish.notJson')}</p> : null
    case 'notJson':
      return <p className="note clash">{t('publish.notJson')}</p>
    case 'otherId':
      return <p className="note clash">{t('publish.otherId', { playbookId: typed.playbookId })}</p>
    case 'wrong': {
      const { issues, more } = typed
      const unlisted = issues.length + more - LISTED
      return (
        <div className="note clash">
          <p>{t('publish.wrong', { count: issues.length + more })}</p>
          <ul>
            {issues.slice(0, LISTED).map(({ path, message }) => (
              <li key={`${path} ${message}`}>
                <code>{path || t('publish.whole')}</code> <span lang="en">{message}</span>
              </li>
            ))}
            {unlisted > 0 ? <li>{t('publish.more', { count: unlisted })}</li> : null}
          </ul>
        </div>
      )
    }
  }
}
