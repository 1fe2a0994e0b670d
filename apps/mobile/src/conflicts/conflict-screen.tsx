import { space } from '@fieldsync/design'
import type { LocalConflict } from '@fieldsync/sync-engine'
import { useState } from 'react'
import { View } from 'react-native'

import { useGo } from '../navigation/navigation-context.ts'
import { useClient } from '../sync/client-context.ts'
import { useWrite } from '../sync/use-write.ts'
import { useTexts } from '../texts/texts-context.ts'
import { Button } from '../ui/button.tsx'
import { Card } from '../ui/card.tsx'
import { Empty } from '../ui/empty.tsx'
import { Heading } from '../ui/heading.tsx'
import { Notice } from '../ui/notice.tsx'
import { TextField } from '../ui/text-field.tsx'
import { Waiting } from '../ui/waiting.tsx'
import { Words } from '../ui/words.tsx'
import { choicesOf } from './conflict-choices.ts'
import { conflictText, issuesOfConflict, issueText } from './conflict-text.ts'
import { resolve } from './resolve.ts'
import { SideBySide } from './side-by-side.tsx'
import { useConflict } from './use-conflict.ts'

/** One conflict: what happened, both versions, and every way out by one tap. */
export function ConflictScreen({ id }: { readonly id: string }) {
  const { t } = useTexts()
  const conflict = useConflict(id)
  if (conflict === undefined) return <Waiting label={t('app.loading')} />
  return conflict === null ? <GoneConflict /> : <Decision conflict={conflict} />
}

/** In place of a conflict that is resolved. */
export function GoneConflict() {
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

function Decision({ conflict }: { readonly conflict: LocalConflict }) {
  const { t } = useTexts()
  const go = useGo()
  const { sync } = useClient()
  const [reason, setReason] = useState(() => t('conflict.reason.default'))
  const { failure, write } = useWrite()
  const choices = choicesOf(conflict)
  const issues = issuesOfConflict(conflict)
  const decide = async (choice: (typeof choices)[number]) => {
    if (choice === 'fix') {
      go.to({ screen: 'fix', id: conflict.id })
      return
    }
    if (await write(() => resolve(sync.resolve, conflict.id, choice, reason.trim())))
      go.back({ screen: 'conflicts' })
  }
  return (
    <View style={{ gap: space.xl }}>
      <Notice tone={conflict.kind === 'quarantine' ? 'broken' : 'clash'} text={conflictText(t, conflict)} />
      {issues.length > 0 && (
        <Card gap={space.s}>
          <Heading level={2}>{t('conflict.issues')}</Heading>
          {issues.map((issue) => (
            <Words key={`${issue.path} ${issue.message}`}>{issueText(t, conflict, issue)}</Words>
          ))}
        </Card>
      )}
      <SideBySide conflict={conflict} />
      <View style={{ gap: space.m }}>
        <Heading level={2}>{t('conflict.decide')}</Heading>
        {choices.includes('correct') && (
          <TextField label={t('conflict.reason')} value={reason} onChange={setReason} />
        )}
        {failure !== undefined && <Notice tone="broken" text={t('conflict.failed', { message: failure })} />}
        {choices.map((choice, at) => (
          <Button
            key={choice}
            wide
            kind={choice === 'discard' ? 'danger' : at === 0 ? 'primary' : 'plain'}
            label={t(`choice.${choice}`)}
            hint={t(`choice.${choice}.hint`)}
            onPress={() => void decide(choice)}
          />
        ))}
      </View>
    </View>
  )
}
