import { radius, space, type Tone } from '@fieldsync/design'
import { View } from 'react-native'

import type { IconName } from '../theme/icon-paths.ts'
import { useColors } from '../theme/theme-context.ts'
import { Icon } from './icon.tsx'
import { Text } from './text.tsx'

type Props = {
  readonly tone: Tone
  readonly label: string
  readonly icon?: IconName
  /** Only the sign is seen, where there is no room; the words are still read out. */
  readonly isSignOnly?: boolean
}

/** A small colored mark; color, sign and words say the same. */
export function Badge({ tone, label, icon, isSignOnly = false }: Props) {
  const { ink, fill, edge } = useColors().tones[tone]
  return (
    <View
      {...(isSignOnly ? { role: 'img' as const, 'aria-label': label } : {})}
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
      {!isSignOnly && (
        <Text as="small" color={ink} lines={1}>
          {label}
        </Text>
      )}
    </View>
  )
}
