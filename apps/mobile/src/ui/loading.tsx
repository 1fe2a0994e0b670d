import { space } from '@fieldsync/design'
import { ActivityIndicator, View } from 'react-native'

import { useColors } from '../theme/theme-context.ts'
import { Text } from './text.tsx'

/** Something is being opened; said in words too, for screen readers. */
export function Loading({ label }: { readonly label: string }) {
  const colors = useColors()
  return (
    <View role="status" style={{ alignItems: 'center', gap: space.m, padding: space.huge }}>
      <ActivityIndicator color={colors.primary} size="large" aria-label={label} />
      <Text soft>{label}</Text>
    </View>
  )
}
