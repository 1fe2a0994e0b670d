import { radius, space } from '@fieldsync/design'
import type { ReactNode } from 'react'
import { View } from 'react-native'

import { useColors } from '../theme/theme-context.ts'

/** What belongs together, on a sheet of its own. */
export function Card({ children, gap = space.m }: { readonly children: ReactNode; readonly gap?: number }) {
  const colors = useColors()
  return (
    <View
      style={{
        backgroundColor: colors.surface,
        borderColor: colors.line,
        borderWidth: 1,
        borderRadius: radius.l,
        padding: space.l,
        gap,
      }}
    >
      {children}
    </View>
  )
}
