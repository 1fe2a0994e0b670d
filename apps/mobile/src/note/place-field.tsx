import type { FieldsyncClient } from '@fieldsync/client'
import type { ObservationLocation } from '@fieldsync/contracts'
import { space } from '@fieldsync/design'
import { placeText } from '@fieldsync/messages'
import { type Ref, useState } from 'react'
import { View } from 'react-native'

import { useStored } from '../data/use-stored.ts'
import { useTexts } from '../messages/messages-context.ts'
import { usePlatform } from '../platform/platform-context.ts'
import { useColors } from '../theme/theme-context.ts'
import { Button } from '../ui/button.tsx'
import { FieldLabel } from '../ui/field-parts.tsx'
import { Icon } from '../ui/icon.tsx'
import type { Focusable } from '../ui/reveal.ts'
import { TextField } from '../ui/text-field.tsx'
import { Text } from '../ui/text.tsx'
import { blockPlace, REGION } from './note-place.ts'

type Props = {
  readonly place: ObservationLocation
  /** Whether the device is still looking for a position. */
  readonly isSearching: boolean
  readonly block: string
  /** Coordinates that are being typed; empty for none. */
  readonly typed: string
  readonly onChoose: (place: ObservationLocation) => void
  readonly onType: (text: string) => void
  readonly problem: string | undefined
  readonly focusRef?: Ref<Focusable> | undefined
}

/** Notes among which a block's place is looked for. */
export const latestNotes = async (client: FieldsyncClient) =>
  (await client.records('observation', { reverse: true, limit: 200 })).map(({ document }) => document)

/** Which place is noted and how it is known, with everything that may take its place (APP-11). */
export function PlaceField({ place, isSearching, ...options }: Props) {
  const texts = useTexts()
  const { t } = texts
  const colors = useColors()
  const { problem, typed } = options
  const [isOpened, setOpened] = useState(false)
  const isOpen = isOpened || typed !== '' || problem !== undefined
  return (
    <View style={{ gap: space.s }}>
      <FieldLabel label={t('field.location')} />
      <View style={{ flexDirection: 'row', gap: space.s, alignItems: 'center' }}>
        <Icon name="place" color={colors.inkSoft} />
        <Text as="note" soft live style={{ flex: 1 }}>
          {isSearching ? t('note.place.searching') : placeText(texts, { location: place })}
        </Text>
      </View>
      {!isOpen && <Button label={t('note.place.change')} onPress={() => setOpened(true)} />}
      {isOpen && <PlaceOptions {...options} />}
    </View>
  )
}

type OptionsProps = Omit<Props, 'place' | 'isSearching'>

function PlaceOptions({ block, typed, onChoose, onType, problem, focusRef }: OptionsProps) {
  const { t } = useTexts()
  const platform = usePlatform()
  const ofBlock = blockPlace(block, useStored(latestNotes) ?? [])
  const [state, setState] = useState<'searching' | 'not_found'>()
  const measure = async () => {
    setState('searching')
    const found = await platform.locate().catch(() => null)
    setState(found === null ? 'not_found' : undefined)
    if (found !== null) onChoose(found)
  }
  return (
    <View style={{ gap: space.s }}>
      <Button
        icon="place"
        label={state === 'searching' ? t('note.place.searching') : t('note.place.measure')}
        disabled={state === 'searching'}
        onPress={() => void measure()}
      />
      {state === 'not_found' && (
        <Text as="note" live>
          {t('note.place.notFound')}
        </Text>
      )}
      {ofBlock !== null && <Button label={t('note.place.ofBlock')} onPress={() => onChoose(ofBlock)} />}
      <Button label={t('note.place.unknown')} onPress={() => onChoose(REGION)} />
      <TextField
        label={t('note.place.typed')}
        hint={t('note.place.typed.hint')}
        value={typed}
        problem={problem}
        focusRef={focusRef}
        onChange={onType}
      />
    </View>
  )
}
