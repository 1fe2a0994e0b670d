import { radius, space, type Tone } from '@fieldsync/design'
import { View } from 'react-native'

import type { IconName } from '../look/icon-paths.ts'
import { useColors } from '../look/theme-context.ts'
import { Icon } from './icon.tsx'
import { Words } from './words.tsx'

type Props = { readonly tone: Tone; readonly label: string; readonly icon?: IconName }

/** A small coloured mark; colour, sign and words say the same. */
export function Mark({ tone, label, icon }: Props) {
  const { ink, fill, edge } = useColors().tones[tone]
  return (
    <View
      style={{
        flexDirection: 'row',
        alignItems: 'center',
        alignSelf: 'flex-start',
        gap: space.xs,
        paddingHorizontal: space.s,
        paddingVertical: 3,
        borderRadius: radius.round,
        borderWidth: 1,
        borderColor: edge,
        backgroundColor: fill,
      }}
    >
      {icon !== undefined && <Icon name={icon} color={ink} large={16} />}
      <Words as="small" color={ink} lines={1}>
        {label}
      </Words>
    </View>
  )
}
