import type { ReactNode } from 'react'
import { Text as NativeText, type TextProps } from 'react-native'

import { type Typography, typographyOf, useColors } from '../theme/theme-context.ts'

type Props = {
  readonly as?: Typography
  readonly soft?: boolean
  readonly color?: string
  readonly children: ReactNode
  readonly lines?: number
  readonly live?: boolean
  readonly style?: TextProps['style']
}

/** Text, in one of the design's sizes. `live` is read out when it changes. */
export function Text({ as = 'body', soft = false, color, children, lines, live = false, style }: Props) {
  const colors = useColors()
  return (
    <NativeText
      style={[
        typographyOf(as),
        { color: color ?? (soft ? colors.inkSoft : colors.ink), flexShrink: 1 },
        style,
      ]}
      {...(lines === undefined ? {} : { numberOfLines: lines })}
      {...(live ? { 'aria-live': 'polite' as const } : {})}
    >
      {children}
    </NativeText>
  )
}
