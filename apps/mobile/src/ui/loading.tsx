import { space } from '@fieldsync/design'
import { ActivityIndicator, View } from 'react-native'

import { useColors } from '../theme/theme-context.ts'
import { Words } from './text.tsx'

/** Something is being opened; told in words too. */
export function Waiting({ label }: { readonly label: string }) {
  const colors = useColors()
  return (
    <View role="status" style={{ alignItems: 'center', gap: space.m, padding: space.huge }}>
      <ActivityIndicator color={colors.primary} size="large" aria-label={label} />
      <Words soft>{label}</Words>
    </View>
  )
}
