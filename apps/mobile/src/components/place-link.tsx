import { radius, size, space } from '@fieldsync/design'
import { type GestureResponderEvent, Pressable, type PressableProps } from 'react-native'

import { useGo } from '../navigation/navigation-context.ts'
import type { Route } from '../navigation/routes.ts'
import { useColors } from '../theme/theme-context.ts'

type Props = Omit<PressableProps, 'role' | 'onPress'> & { readonly to: Route }

/**
 * A link to a place in the app. In a browser it has an address, so that a person can open it in another tab, copy it, and
 * see where it leads.
 */
export function PlaceLink({ to, ...rest }: Props) {
  const go = useGo()
  const href = go.href(to)
  const address = href === undefined ? {} : { href }
  return (
    <Pressable
      {...rest}
      {...address}
      role="link"
      onPress={(event) => {
        if (isForBrowser(event)) return
        event.preventDefault()
        go.to(to)
      }}
    />
  )
}

/** A {@link PlaceLink} that looks like a card: one entry of a list. */
export function CardLink(props: Omit<Props, 'style'>) {
  const colors = useColors()
  return (
    <PlaceLink
      {...props}
      style={({ pressed }) => ({
        minHeight: size.target,
        gap: space.s,
        padding: space.l,
        borderRadius: radius.l,
        borderWidth: 1,
        borderColor: colors.line,
        backgroundColor: pressed ? colors.well : colors.surface,
      })}
    />
  )
}

/** Keys with which a browser opens a link in another tab or window. */
const OTHER_TAB = ['ctrlKey', 'metaKey', 'shiftKey'] as const

const isForBrowser = ({ nativeEvent }: GestureResponderEvent): boolean =>
  OTHER_TAB.some((key) => Reflect.get(nativeEvent, key) === true)
