import { size, space } from '@fieldsync/design'
import type { ReactNode } from 'react'
import { ScrollView, View } from 'react-native'

/** What a screen shows, in a column that scrolls and is never too wide to read. */
export function Page({ children }: { readonly children: ReactNode }) {
  return (
    <ScrollView
      role="main"
      style={{ flex: 1 }}
      keyboardShouldPersistTaps="handled"
      // iOS: the fields at the end can be scrolled above the keyboard. Android resizes the window (app.json).
      automaticallyAdjustKeyboardInsets
      contentContainerStyle={{ padding: space.l, paddingBottom: space.huge, alignItems: 'center' }}
    >
      <View style={{ width: '100%', maxWidth: size.column }}>{children}</View>
    </ScrollView>
  )
}
