import { radius, size, space } from '@fieldsync/design'
import { Pressable, View } from 'react-native'

import type { IconName } from '../theme/icon-paths.ts'
import { useColors } from '../theme/theme-context.ts'
import { Icon } from './icon.tsx'
import { Text } from './text.tsx'

type Props = {
  readonly label: string
  readonly onPress: () => void
  /** `primary`: the one thing to do here · `plain` any other · `danger` what cannot be taken back. */
  readonly kind?: 'primary' | 'plain' | 'danger'
  readonly icon?: IconName
  readonly hint?: string
  readonly disabled?: boolean
  readonly wide?: boolean
}

export function Button({
  label,
  onPress,
  kind = 'plain',
  icon,
  hint,
  disabled = false,
  wide = false,
}: Props) {
  const colors = useColors()
  const ink = {
    primary: colors.onPrimary,
    plain: colors.primary,
    danger: colors.danger,
  }[kind]
  const soft = kind === 'primary' ? colors.onPrimary : colors.inkSoft
  return (
    <Pressable
      role="button"
      disabled={disabled}
      aria-disabled={disabled}
      onPress={onPress}
      style={({ pressed }) => ({
        minHeight: size.target,
        paddingVertical: space.m,
        paddingHorizontal: space.l,
        borderRadius: radius.m,
        borderWidth: 2,
        borderColor: kind === 'danger' ? colors.danger : kind === 'primary' ? colors.primary : colors.edge,
        backgroundColor: backgroundOf(kind, pressed, colors),
        opacity: disabled ? 0.6 : 1,
        alignSelf: wide ? 'stretch' : 'flex-start',
        // A long name in the label wraps instead of leaving the card.
        maxWidth: '100%',
        justifyContent: 'center',
        gap: space.hair,
      })}
    >
      <View style={{ flexDirection: 'row', alignItems: 'center', justifyContent: 'center', gap: space.s }}>
        {icon !== undefined && <Icon name={icon} color={ink} />}
        <Text as="bodyStrong" color={ink} style={{ textAlign: 'center' }}>
          {label}
        </Text>
      </View>
      {hint !== undefined && (
        <Text as="note" color={soft} style={{ textAlign: 'center' }}>
          {hint}
        </Text>
      )}
    </Pressable>
  )
}

function backgroundOf(
  kind: 'primary' | 'plain' | 'danger',
  pressed: boolean,
  colors: ReturnType<typeof useColors>,
): string {
  if (kind === 'primary') return pressed ? colors.primaryPressed : colors.primary
  return pressed ? colors.well : colors.surface
}
