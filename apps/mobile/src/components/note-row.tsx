import type { Observation } from '@fieldsync/contracts'
import { space } from '@fieldsync/design'
import { observedText } from '@fieldsync/messages'
import type { RecordView } from '@fieldsync/sync-engine'
import { View } from 'react-native'

import { useTexts } from '../messages/messages-context.ts'
import { Badge } from '../ui/badge.tsx'
import { Text } from '../ui/text.tsx'
import { CardLink } from './place-link.tsx'
import { RecordStatusBadge } from './record-status-badge.tsx'

type Props = { readonly view: RecordView<'observation'>; readonly now: number }

/** One note in a list: what was seen where, when, and whether the server has it. */
export function NoteRow({ view, now }: Props) {
  const texts = useTexts()
  const { t, formats } = texts
  const { document, status, server, localOnly } = view
  const { issue, severity } = observedText(texts, document)
  const seen = formats.briefMoment(Date.parse(document.extraction.observationTime), now)
  return (
    <CardLink to={{ screen: 'observation', id: view.id }}>
      <View style={{ flexDirection: 'row', gap: space.s, justifyContent: 'space-between' }}>
        <Text as="bodyStrong" lines={1}>
          {blockName(document) ?? t('history.noBlock')}
        </Text>
        <Text as="note" soft style={{ flexShrink: 0 }}>
          {seen}
        </Text>
      </View>
      <Text lines={2}>{document.rawNoteText}</Text>
      <Text as="note" soft>
        {`${issue} · ${severity}`}
      </Text>
      <View style={{ flexDirection: 'row', flexWrap: 'wrap', gap: space.s }}>
        <RecordStatusBadge status={status} />
        {server !== null && localOnly !== null && (
          <Badge tone="clash" icon="warning" label={t('localOnly.versionMark')} />
        )}
        {document.status === 'draft' && (
          <Badge tone="calm" icon="pencil" label={t('observationStatus.draft')} />
        )}
      </View>
    </CardLink>
  )
}

/** Null where the note names none. */
function blockName({ extraction }: Observation): string | null {
  const name = extraction.fieldBlock.trim()
  return name === '' ? null : name
}
