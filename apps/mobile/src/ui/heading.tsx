import { Text } from 'react-native'

import { type Typography, typographyOf, useColors } from '../theme/theme-context.ts'

type Props = {
  readonly level: 1 | 2 | 3
  readonly children: string
  readonly color?: string
  readonly lines?: number
  readonly isCentered?: boolean
  /** Other letters than those of its level. */
  readonly as?: Typography
}

const LETTERS = { 1: 'heading', 2: 'heading', 3: 'bodyStrong' } as const

/** A heading in the outline that a screen reader goes by. */
export function Heading({ level, children, color, lines, isCentered = false, as = LETTERS[level] }: Props) {
  const colors = useColors()
  // React Native knows the role, and a browser the level beside it.
  const outline = { role: 'heading', 'aria-level': level } as const
  return (
    <Text
      {...outline}
      {...(lines === undefined ? {} : { numberOfLines: lines })}
      style={[
        typographyOf(as),
        { color: color ?? colors.ink, flexShrink: 1, textAlign: isCentered ? 'center' : 'auto' },
      ]}
    >
      {children}
    </Text>
  )
}
