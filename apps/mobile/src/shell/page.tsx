import { size, space } from '@fieldsync/design'
import { type ReactNode, useMemo, useRef } from 'react'
import { ScrollView, View } from 'react-native'

import { ScrollContext } from '../ui/reveal.ts'

/** What a screen shows, in a column that scrolls and is never too wide to read. */
export function Page({ children }: { readonly children: ReactNode }) {
  const column = useRef<ScrollView>(null)
  const content = useRef<View>(null)
  const scroll = useMemo(() => ({ column, content }), [])
  return (
    <ScrollView
      ref={column}
      role="main"
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
