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
      contentContainerStyle={{ padding: space.l, paddingBottom: space.huge, alignItems: 'center' }}
    >
      <View style={{ width: '100%', maxWidth: size.column }}>{children}</View>
    </ScrollView>
  )
}
