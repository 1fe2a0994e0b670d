import type { FieldsyncClient } from '@fieldsync/client'
import { space } from '@fieldsync/design'
import { useCallback, useState } from 'react'
import { View } from 'react-native'

import { useGo } from '../navigation/navigation-context.ts'
import { useStored } from '../sync/use-stored.ts'
import { useTexts } from '../texts/texts-context.ts'
import { Button } from '../ui/button.tsx'
import { Choice } from '../ui/choice.tsx'
import { Empty } from '../ui/empty.tsx'
import { TextField } from '../ui/text-field.tsx'
import { Waiting } from '../ui/waiting.tsx'
import { Words } from '../ui/words.tsx'
import { type Filter, filtered, FILTERS } from './history-filter.ts'
import { NoteRow } from './note-row.tsx'

const PAGE = 50

/** All notes on the device, the newest first, and those alone that the person wants to see. */
export function HistoryScreen() {
  const { t } = useTexts()
  const go = useGo()
  const [filter, setFilter] = useState<Filter>('all')
  const [search, setSearch] = useState('')
  const [most, setMost] = useState(PAGE)
  const read = useCallback(
    (client: FieldsyncClient) => client.observations.list({ reverse: true, limit: most + 1 }),
    [most],
  )
  const views = useStored(read)
  if (views === undefined) return <Waiting label={t('app.loading')} />
  const shown = filtered(views.slice(0, most), filter, search)
  const now = Date.now()
  return (
    <View style={{ gap: space.l }}>
      <Button
        kind="primary"
        wide
        icon="plus"
        label={t('home.newNote')}
        onPress={() => go.to({ screen: 'new' })}
      />
      <Choice
        label={t('history.filter')}
        hideLabel
        pick="one"
        options={FILTERS.map((value) => ({ value, label: t(`history.filter.${value}`) }))}
        chosen={[filter]}
        onChange={setFilter}
      />
      <TextField label={t('history.search')} value={search} onChange={setSearch} />
      <Words as="note" soft live>
        {t('history.count', { count: shown.length })}
      </Words>
      {shown.length === 0 && (
        <Empty icon="notes" title={t('history.empty.title')} text={t('history.empty.text')} />
      )}
      <View style={{ gap: space.m }}>
        {shown.map((view) => (
          <NoteRow key={view.id} view={view} now={now} />
        ))}
      </View>
      {views.length > most && <Button wide label={t('history.more')} onPress={() => setMost(most + PAGE)} />}
    </View>
  )
}
