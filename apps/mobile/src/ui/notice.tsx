import { radius, space, type Tone } from '@fieldsync/design'
import { use, useEffect, useRef } from 'react'
import { View } from 'react-native'

import type { IconName } from '../theme/icon-paths.ts'
import { useColors } from '../theme/theme-context.ts'
import { Button } from './button.tsx'
import { Details } from './details.tsx'
import { Icon } from './icon.tsx'
import { ScrollContext, show } from './reveal.ts'
import { Text } from './text.tsx'

type Props = {
  readonly tone: Tone
  readonly text: string
  readonly icon?: IconName
  /** What a program says of it, in its own language. */
  readonly details?: string | undefined
  readonly action?: { readonly label: string; readonly onPress: () => void }
  /** Brought into sight when it appears or changes. */
  readonly isUrgent?: boolean
}

/** Something to know, and where possible what to do about it. Read out when it appears. */
export function Notice({ tone, text, details, icon = 'warning', action, isUrgent = false }: Props) {
  const box = useRef<View>(null)
  const scroll = use(ScrollContext)
  useEffect(() => {
    if (isUrgent) show(box.current, scroll)
  }, [isUrgent, text, scroll])
  const { ink, fill, edge } = useColors().tones[tone]
  return (
    <View
      ref={box}
      role={isUrgent ? 'alert' : 'status'}
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
        <Text color={ink} style={{ flex: 1 }}>
          {text}
        </Text>
      </View>
      {details !== undefined && <Details text={details} />}
      {action !== undefined && <Button label={action.label} onPress={action.onPress} />}
    </View>
  )
}
