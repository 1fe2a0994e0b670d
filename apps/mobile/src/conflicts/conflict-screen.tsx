import { space } from '@fieldsync/design'
import { isSameJson } from '@fieldsync/domain'
import {
  type ConflictChoice,
  conflictChoices,
  conflictWinner,
  foundIssues,
  type LocalConflict,
} from '@fieldsync/sync-engine'
import { useEffect, useState } from 'react'
import { View } from 'react-native'
import { z } from 'zod'

import { FailureNotice, LockedNotice, UnkeptNotice } from '../components/form-notices.tsx'
import { useClient } from '../data/client-context.ts'
import { useRights } from '../data/rights.ts'
import { type Unsaved, useUnsaved } from '../data/use-unsaved.ts'
import { useWrite } from '../data/use-write.ts'
import { useTexts } from '../messages/messages-context.ts'
import { useGo } from '../navigation/navigation-context.ts'
import { Button } from '../ui/button.tsx'
import { Card } from '../ui/card.tsx'
import { Details } from '../ui/details.tsx'
import { Empty } from '../ui/empty.tsx'
import { Heading } from '../ui/heading.tsx'
import { Loading } from '../ui/loading.tsx'
import { Notice } from '../ui/notice.tsx'
import { TextField } from '../ui/text-field.tsx'
import { Text } from '../ui/text.tsx'
import { conflictText, isOwnEdit, issueText } from './conflict-text.ts'
import { FixNote } from './fix-note.tsx'
import { FixPatch } from './fix-patch.tsx'
import { offeredChoices } from './offered-choices.ts'
import { SideBySide } from './side-by-side.tsx'
import { type OpenConflict, useConflict, useOpenConflict } from './use-conflict.ts'

const Reason = z.string()

/** One conflict: what happened, both versions, and every way out by one tap. */
export function ConflictScreen({ id }: { readonly id: string }) {
  const { t } = useTexts()
  const open = useOpenConflict(id)
  const unsaved = useUnsaved({ kind: 'conflict', about: id }, Reason)
  const { found } = unsaved
  if (open === undefined || found === undefined) return <Loading label={t('app.loading')} />
  return open === null ? <GoneConflict /> : <Decision {...open} unsaved={{ ...unsaved, found }} />
}

/** What the server refused, in a form, to be repaired and sent. */
export function FixScreen({ id }: { readonly id: string }) {
  const { t } = useTexts()
  const rights = useRights()
  const open = useConflict(id)
  // Something may be typed in the form when the conflict is decided elsewhere: it stays to be read.
  const [last, setLast] = useState(open)
  useEffect(() => {
    if (open) setLast(open)
  }, [open])
  const conflict = open ?? last
  if (open === undefined && !conflict) return <Loading label={t('app.loading')} />
  if (!conflict) return <GoneConflict />
  const { losing } = conflict
  if ('recommendationId' in losing) return <GoneConflict />
  const maySend = offeredChoices(conflict, rights).includes('fix')
  return (
    <View style={{ gap: space.l }}>
      {open === null && <Notice tone="clash" text={t('conflict.gone.text')} />}
      {'rawNoteText' in losing && <FixNote conflict={conflict} note={losing} maySend={maySend} />}
      {'patchId' in losing && <FixPatch conflict={conflict} patch={losing} maySend={maySend} />}
    </View>
  )
}

/** In place of a conflict that is resolved. */
function GoneConflict() {
  const { t } = useTexts()
  const go = useGo()
  return (
    <Empty
      icon="check"
      title={t('conflict.gone.title')}
      text={t('conflict.gone.text')}
      action={{ label: t('conflict.gone.action'), onPress: () => go.replace({ screen: 'conflicts' }) }}
    />
  )
}

type DecisionProps = OpenConflict & {
  readonly unsaved: Unsaved<string> & { readonly found: string | null }
}

function Decision({ conflict, newest, unsaved }: DecisionProps) {
  const texts = useTexts()
  const { t } = texts
  const go = useGo()
  const client = useClient()
  const [reason, setReason] = useState(() => unsaved.found ?? reasonOf(conflict))
  const [seen, setSeen] = useState(newest)
  const { failure, write } = useWrite()
  const choices = offeredChoices(conflict, useRights())
  const issues = foundIssues(conflict)
  const isMoved = !isSameJson(seen ?? undefined, newest ?? undefined)
  // Sent is what differs from the version that is seen here; what came meanwhile stays (ENG-40).
  const basedOn = seen !== null && 'rawNoteText' in seen ? { basedOn: seen } : {}
  const decide = async (choice: (typeof choices)[number]) => {
    if (choice === 'fix') {
      go.to({ screen: 'fix', id: conflict.id })
      return
    }
    const leave = go.begin()
    const correction = { reason: reason.trim(), ...basedOn }
    if (!(await write(() => client.resolve.by(conflict.id, choice, { correction })))) return
    await unsaved.keeper.saveNow('')
    leave.back({ screen: 'conflicts' })
  }
  return (
    <View style={{ gap: space.xl }}>
      <Notice tone={conflict.kind === 'quarantine' ? 'broken' : 'clash'} text={conflictText(t, conflict)} />
      {isMoved && (
        <Notice
          tone="moving"
          icon="sync"
          text={t('conflict.moved')}
          action={{ label: t('conflict.moved.action'), onPress: () => setSeen(newest) }}
        />
      )}
      {issues.length > 0 && (
        <Card gap={space.s}>
          <Heading level={2}>{t('conflict.issues')}</Heading>
          {issues.map((found) => (
            <Text key={`${found.issue.path} ${found.issue.message}`}>{issueText(texts, found)}</Text>
          ))}
          <Details text={issues.map(({ issue }) => `${issue.path} ${issue.message}`.trim()).join('\n')} />
        </Card>
      )}
      <SideBySide conflict={conflict} theirs={seen ?? conflictWinner(conflict)} />
      <View style={{ gap: space.m }}>
        <Heading level={2}>{t('conflict.decide')}</Heading>
        {choices.includes('correct') && (
          <TextField
            label={t('conflict.reason')}
            value={reason}
            onChange={(next) => {
              setReason(next)
              unsaved.keeper.keep(JSON.stringify(next))
            }}
            problem={reason.trim() === '' ? t('note.reason.problem') : undefined}
          />
        )}
        <UnkeptNotice failure={unsaved.failure} />
        {choices.length < conflictChoices(conflict).length && <LockedNotice />}
        <FailureNotice failure={failure} as="conflict.failed" />
        {choices.map((choice, at) => (
          <Button
            key={choice}
            wide
            kind={choice === 'discard' ? 'danger' : at === 0 ? 'primary' : 'plain'}
            label={isOwnEdit(conflict, choice) ? t('choice.mine') : t(`choice.${choice}`)}
            hint={t(hintOf(conflict, choice))}
            disabled={choice === 'correct' && reason.trim() === ''}
            onPress={() => void decide(choice)}
          />
        ))}
      </View>
    </View>
  )
}

/** The person has said already why, when the note was corrected (APP-5). */
const reasonOf = ({ losing }: LocalConflict): string =>
  'rawNoteText' in losing ? (losing.correction?.reason ?? '') : ''

const hintOf = (conflict: LocalConflict, choice: ConflictChoice) => {
  if (isOwnEdit(conflict, choice)) return 'choice.mine.hint'
  return conflict.kind === 'quarantine' && choice === 'resubmit'
    ? 'choice.retry.hint'
    : (`choice.${choice}.hint` as const)
}
