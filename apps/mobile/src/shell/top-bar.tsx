import { size, space } from '@fieldsync/design'
import { type ReactNode, useEffect } from 'react'
import { Pressable, useWindowDimensions, View } from 'react-native'
import { useSafeAreaInsets } from 'react-native-safe-area-context'

import { useTexts } from '../messages/messages-context.ts'
import { usePlatform } from '../platform/platform-context.ts'
import type { IconName } from '../theme/icon-paths.ts'
import { useColors } from '../theme/theme-context.ts'
import { Heading } from '../ui/heading.tsx'
import { Icon } from '../ui/icon.tsx'

type BarButton = { readonly label: string; readonly icon: IconName; readonly onPress: () => void }

type Props = {
  readonly title: string
  readonly back?: BarButton | undefined
  readonly badge?: ReactNode
  readonly action?: BarButton | undefined
}

/** Narrower than this, a word of more letters than these does not fit beside a badge, and would be broken. */
const NARROW = 480
const LONG_WORD = 12

const longestWord = (title: string): number => Math.max(...title.split(' ').map(({ length }) => length))

/** The bar at the top: where one is, the way back, and how the way to the server stands. */
export function TopBar({ title, back, badge, action }: Props) {
  const colors = useColors()
  const { top } = useSafeAreaInsets()
  const isTight = useWindowDimensions().width < NARROW && longestWord(title) > LONG_WORD
  const { setTitle } = usePlatform()
  const { language } = useTexts()
  useEffect(() => setTitle(title, language), [setTitle, title, language])
  return (
    <View
      role="banner"
      style={{
        backgroundColor: colors.header,
        paddingTop: top,
        borderBottomWidth: 1,
        borderColor: colors.line,
      }}
    >
      <View
        style={{
          minHeight: 56,
          flexDirection: 'row',
          alignItems: 'center',
          gap: space.s,
          paddingHorizontal: space.s,
          // A title of two lines keeps clear of the edges.
          paddingVertical: space.xs,
        }}
      >
        {back !== undefined && <BarAction {...back} />}
        <View style={{ flex: 1, paddingLeft: back === undefined ? space.s : 0 }}>
          <Heading level={1} lines={2} color={colors.onHeader} as={isTight ? 'label' : 'heading'}>
            {title}
          </Heading>
        </View>
        {badge}
        {action !== undefined && <BarAction {...action} />}
      </View>
    </View>
  )
}

function BarAction({ label, icon, onPress }: BarButton) {
  const colors = useColors()
  return (
    <Pressable
      role="button"
      aria-label={label}
      onPress={onPress}
      style={{ width: size.target, height: size.target, alignItems: 'center', justifyContent: 'center' }}
    >
      <Icon name={icon} color={colors.onHeader} />
    </Pressable>
  )
}
