import type { Location } from '@fieldsync/contracts'
import { space } from '@fieldsync/design'
import { View } from 'react-native'

import { useColors } from '../look/theme-context.ts'
import { useTexts } from '../texts/texts-context.ts'
import { Icon } from '../ui/icon.tsx'
import { Words } from '../ui/words.tsx'
import type { NotePlace } from './note-place.ts'

type Props = {
  readonly place: NotePlace | { readonly source: 'kept'; readonly location: Location }
  readonly isSearching?: boolean
}

/** Which place is noted, and how it is known. */
export function PlaceLine({ place, isSearching = false }: Props) {
  const { t } = useTexts()
  const colors = useColors()
  const { lat, lon } = place.location
  const at = `${lat.toFixed(4)}, ${lon.toFixed(4)}`
  return (
    <View style={{ flexDirection: 'row', gap: space.s, alignItems: 'center' }}>
      <Icon name="place" color={colors.inkSoft} />
      <View style={{ flex: 1 }}>
        {isSearching && (
          <Words as="note" soft live>
            {t('note.place.searching')}
          </Words>
        )}
        {!isSearching && (
          <Words as="note" soft live>
            {t(`note.place.${place.source}`, { at })}
          </Words>
        )}
      </View>
    </View>
  )
}
