import { radius, size, space } from '@fieldsync/design'
import { Pressable, View } from 'react-native'

import { useColors } from '../look/theme-context.ts'
import { FieldLabel } from './field-parts.tsx'
import { Icon } from './icon.tsx'
import { Words } from './words.tsx'

export type Option<T extends string> = { readonly value: T; readonly label: string }

type Props<T extends string> = {
  readonly label: string
  readonly options: readonly Option<T>[]
  readonly chosen: readonly T[]
  readonly onChange: (value: T) => void
  /** `one` of them (radio buttons) or `any` (check boxes). */
  readonly pick: 'one' | 'any'
  readonly hideLabel?: boolean
}

/** A few things to choose from, all in sight, each by one tap. */
export function Choice<T extends string>({
  label,
  options,
  chosen,
  onChange,
  pick,
  hideLabel = false,
}: Props<T>) {
  return (
    <View style={{ gap: space.xs }}>
      {!hideLabel && <FieldLabel label={label} />}
      <View
        role={pick === 'one' ? 'radiogroup' : 'group'}
        aria-label={label}
        style={{ flexDirection: 'row', flexWrap: 'wrap', gap: space.s }}
      >
        {options.map((option) => (
          <Chip
            key={option.value}
            label={option.label}
            isChosen={chosen.includes(option.value)}
            role={pick === 'one' ? 'radio' : 'checkbox'}
            onPress={() => onChange(option.value)}
          />
        ))}
      </View>
    </View>
  )
}

type ChipProps = {
  readonly label: string
  readonly isChosen: boolean
  readonly role: 'radio' | 'checkbox'
  readonly onPress: () => void
}

function Chip({ label, isChosen, role, onPress }: ChipProps) {
  const colors = useColors()
  return (
    <Pressable
      role={role}
      aria-checked={isChosen}
      aria-label={label}
      onPress={onPress}
      style={({ pressed }) => ({
        minHeight: size.target,
        flexDirection: 'row',
        alignItems: 'center',
        gap: space.xs,
        paddingHorizontal: space.m,
        borderRadius: radius.round,
        borderWidth: isChosen ? 2 : 1,
        borderColor: isChosen ? colors.primary : colors.edge,
        backgroundColor: isChosen || pressed ? colors.primarySoft : colors.surface,
      })}
    >
      {isChosen && <Icon name="check" color={colors.onPrimarySoft} large={18} />}
      <Words as={isChosen ? 'bodyStrong' : 'body'} color={isChosen ? colors.onPrimarySoft : colors.ink}>
        {label}
      </Words>
    </Pressable>
  )
}
