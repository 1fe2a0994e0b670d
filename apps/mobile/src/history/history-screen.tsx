import type { FieldsyncClient } from '@fieldsync/client'
import { space } from '@fieldsync/design'
import { symptomLabel } from '@fieldsync/messages'
import { useCallback, useEffect, useState } from 'react'
import { View } from 'react-native'

import { NewNoteButton } from '../components/new-note-button.tsx'
import { NoteRow } from '../components/note-row.tsx'
import { useRights } from '../data/rights.ts'
import { useStored } from '../data/use-stored.ts'
import { useTexts } from '../messages/messages-context.ts'
import { Button } from '../ui/button.tsx'
import { Choice } from '../ui/choice.tsx'
import { Empty } from '../ui/empty.tsx'
import { Loading } from '../ui/loading.tsx'
import { TextField } from '../ui/text-field.tsx'
import { Text } from '../ui/text.tsx'
import { type Filter, FILTERS, findNotes } from './history-filter.ts'

const PAGE = 50

/** After the last letter, until all notes are looked through for what is typed. */
const SEARCH_AFTER_MS = 250

/** All notes on the device, the latest first, and those alone that the person wants to see. */
export function HistoryScreen() {
  const { t } = useTexts()
  const mayWrite = useRights().has('observations.write')
  const [filter, setFilter] = useState<Filter>('all')
  const [typed, setTyped] = useState('')
  const [most, setMost] = useState(PAGE)
  const search = useSettled(typed, SEARCH_AFTER_MS)
  const read = useCallback(
    async (client: FieldsyncClient) => ({
      of: { filter, search },
      isEmpty: (await client.records('observation', { limit: 1 })).length === 0,
      found: await findNotes(
        (page) => client.records('observation', page),
        { filter, search, labelOf: (symptom) => symptomLabel(t, symptom) },
        most + 1,
      ),
    }),
    [filter, search, most, t],
  )
  const stored = useStored(read)
  if (stored === undefined) return <Loading label={t('app.loading')} />
  const { of, isEmpty, found } = stored
  const isCurrent = of.filter === filter && of.search === typed
  const shown = found.slice(0, most)
  const hasMore = found.length > most
  const now = Date.now()
  return (
    <View style={{ gap: space.l }}>
      <NewNoteButton />
      <Choice
        label={t('history.filter')}
        hideLabel
        pick="one"
        options={FILTERS.map((value) => ({ value, label: t(`history.filter.${value}`) }))}
        chosen={[filter]}
        onChange={setFilter}
      />
      <TextField label={t('history.search')} value={typed} onChange={setTyped} />
      <Text as="note" soft live>
        {!isCurrent && t('history.searching')}
        {isCurrent && t(hasMore ? 'history.first' : 'history.count', { count: shown.length })}
      </Text>
      {isEmpty && (
        <Empty
          icon="leaf"
          title={t('home.empty.title')}
          text={t(mayWrite ? 'home.empty.text' : 'home.empty.reader')}
        />
      )}
      {!isEmpty && isCurrent && shown.length === 0 && (
        <Empty icon="notes" title={t('history.empty.title')} text={t('history.empty.text')} />
      )}
      <View style={{ gap: space.m }}>
        {shown.map((view) => (
          <NoteRow key={view.id} view={view} now={now} />
        ))}
      </View>
      {hasMore && <Button wide label={t('history.more')} onPress={() => setMost(most + PAGE)} />}
    </View>
  )
}

/** A value once it has stayed the same for a moment. */
function useSettled<T>(value: T, milliseconds: number): T {
  const [settled, setSettled] = useState(value)
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), milliseconds)
    return () => clearTimeout(timer)
  }, [value, milliseconds])
  return settled
}
