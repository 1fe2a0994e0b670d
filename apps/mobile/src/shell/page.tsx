import { size, space } from '@fieldsync/design'
import { type ReactNode, type RefObject, useMemo, useRef } from 'react'
import { Platform, ScrollView, View } from 'react-native'

import { ScrollContext } from '../ui/reveal.ts'

type Props = {
  readonly children: ReactNode
  /** What the screen is called. */
  readonly label: string
  readonly ref?: RefObject<ScrollView | null>
}

/** Reached by the app, when a screen opens, and not by the Tab key. */
const ENTERED = Platform.OS === 'web' ? { tabIndex: -1 as const } : {}

/** What a screen shows, in a column that scrolls and is never too wide to read. */
export function Page({ children, label, ref }: Props) {
  const own = useRef<ScrollView>(null)
  const column = ref ?? own
  const content = useRef<View>(null)
  const scroll = useMemo(() => ({ column, content }), [column])
  return (
    <ScrollView
      ref={column}
      role="main"
      aria-label={label}
      {...ENTERED}
      style={{ flex: 1 }}
      keyboardShouldPersistTaps="handled"
      // iOS: the fields at the end can be scrolled above the keyboard. Android resizes the window (app.json).
      automaticallyAdjustKeyboardInsets
      contentContainerStyle={{ padding: space.l, paddingBottom: space.huge, alignItems: 'center' }}
    >
      <ScrollContext value={scroll}>
        <View ref={content} style={{ width: '100%', maxWidth: size.column }}>
          {children}
        </View>
      </ScrollContext>
    </ScrollView>
  )
}
