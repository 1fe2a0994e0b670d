import { radius, size, space } from '@fieldsync/design'
import { type Ref, useId } from 'react'
import { Pressable, View } from 'react-native'

import { useColors } from '../theme/theme-context.ts'
import { FieldLabel, FieldProblem } from './field-parts.tsx'
import { Icon } from './icon.tsx'
import type { Focusable } from './reveal.ts'
import { Text } from './text.tsx'

export type Option<T extends string> = { readonly value: T; readonly label: string }

type Props<T extends string> = {
  readonly label: string
  readonly options: readonly Option<T>[]
  readonly chosen: readonly T[]
  readonly onChange: (value: T) => void
  /** `one` of them (radio buttons) or `any` (check boxes). */
  readonly pick: 'one' | 'any'
  readonly hideLabel?: boolean
  /** What is wrong with the choice; shown below it and read out. */
  readonly problem?: string | undefined
  /** The first option. */
  readonly focusRef?: Ref<Focusable> | undefined
}

/** A few things to choose from, all in sight, each by one tap. */
export function Choice<T extends string>({
  label,
  options,
  chosen,
  onChange,
  pick,
  hideLabel = false,
  problem,
  focusRef,
}: Props<T>) {
  const id = useId()
  return (
    <View style={{ gap: space.xs }}>
      {!hideLabel && <FieldLabel label={label} />}
      <View
        role={pick === 'one' ? 'radiogroup' : 'group'}
        aria-label={label}
        {...(problem === undefined ? {} : { 'aria-describedby': `${id}-about` })}
        style={{ flexDirection: 'row', flexWrap: 'wrap', gap: space.s }}
      >
        {options.map((option, at) => (
          <Chip
            key={option.value}
            label={option.label}
            isChosen={chosen.includes(option.value)}
            role={pick === 'one' ? 'radio' : 'checkbox'}
            onPress={() => onChange(option.value)}
            focusRef={at === 0 ? focusRef : undefined}
          />
        ))}
      </View>
      {problem !== undefined && <FieldProblem id={`${id}-about`} problem={problem} hint={undefined} />}
    </View>
  )
}

type ChipProps = {
  readonly label: string
  readonly isChosen: boolean
  readonly role: 'radio' | 'checkbox'
  readonly onPress: () => void
  readonly focusRef: Ref<Focusable> | undefined
}

function Chip({ label, isChosen, role, onPress, focusRef }: ChipProps) {
  const colors = useColors()
  return (
    <Pressable
      ref={focusRef as Ref<View>}
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
      <Text as={isChosen ? 'bodyStrong' : 'body'} color={isChosen ? colors.onPrimarySoft : colors.ink}>
        {label}
      </Text>
    </Pressable>
  )
}
