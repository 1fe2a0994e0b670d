import { radius, space, type Tone } from '@fieldsync/design'
import { View } from 'react-native'

import type { IconName } from '../look/icon-paths.ts'
import { useColors } from '../look/theme-context.ts'
import { Button } from './button.tsx'
import { Icon } from './icon.tsx'
import { Words } from './words.tsx'

type Props = {
  readonly tone: Tone
  readonly text: string
  readonly icon?: IconName
  readonly action?: { readonly label: string; readonly onPress: () => void }
}

/** Something to know, and where possible what to do about it. Read out when it appears. */
export function Notice({ tone, text, icon = 'warning', action }: Props) {
  const { ink, fill, edge } = useColors().tones[tone]
  return (
    <View
      role="status"
      style={{
        backgroundColor: fill,
        borderColor: edge,
        borderWidth: 1,
        borderRadius: radius.m,
        padding: space.m,
        gap: space.m,
      }}
    >
      <View style={{ flexDirection: 'row', gap: space.m, alignItems: 'flex-start' }}>
        <Icon name={icon} color={ink} />
        <Words color={ink} style={{ flex: 1 }}>
          {text}
        </Words>
      </View>
      {action !== undefined && <Button label={action.label} onPress={action.onPress} />}
    </View>
  )
}
