import { radius, size, space } from '@fieldsync/design'
import { type Ref, useId } from 'react'
import { TextInput, type TextInputProps, View } from 'react-native'

import { typographyOf, useColors } from '../theme/theme-context.ts'
import { FieldLabel, FieldProblem } from './field-parts.tsx'
import type { Focusable } from './reveal.ts'

type Props = {
  readonly label: string
  readonly value: string
  readonly onChange: (text: string) => void
  readonly hint?: string
  /** What is wrong with the value; shown at the field and read out. */
  readonly problem?: string | undefined
  readonly lines?: number
  readonly kind?: 'text' | 'number' | 'secret' | 'address' | 'name'
  readonly autoFocus?: boolean
  readonly focusRef?: Ref<Focusable> | undefined
}

const KEYBOARDS = {
  text: {},
  number: { inputMode: 'decimal' },
  secret: { secureTextEntry: true, autoCapitalize: 'none', autoCorrect: false, autoComplete: 'off' },
  address: { inputMode: 'url', autoCapitalize: 'none', autoCorrect: false },
  name: { autoCapitalize: 'none', autoCorrect: false, autoComplete: 'off' },
} as const satisfies Record<string, TextInputProps>

export function TextField({
  label,
  value,
  onChange,
  hint,
  problem,
  lines = 1,
  kind = 'text',
  autoFocus = false,
  focusRef,
}: Props) {
  const colors = useColors()
  const id = useId()
  // A browser reads the problem with the field; a phone's screen reader finds it right behind.
  const described = { 'aria-invalid': problem !== undefined, 'aria-describedby': `${id}-about` } as const
  return (
    <View style={{ gap: space.xs }}>
      <FieldLabel label={label} />
      <TextInput
        ref={focusRef as Ref<TextInput>}
        {...KEYBOARDS[kind]}
        {...described}
        aria-label={label}
        value={value}
        onChangeText={onChange}
        autoFocus={autoFocus}
        multiline={lines > 1}
        style={[
          typographyOf('body'),
          {
            minHeight: lines > 1 ? lines * 24 + 2 * space.m : size.target,
            paddingHorizontal: space.m,
            paddingVertical: space.m,
            borderRadius: radius.m,
            borderWidth: problem === undefined ? 1 : 2,
            borderColor: problem === undefined ? colors.edge : colors.danger,
            backgroundColor: colors.surface,
            color: colors.ink,
            textAlignVertical: lines > 1 ? 'top' : 'center',
          },
        ]}
      />
      <FieldProblem id={`${id}-about`} problem={problem} hint={hint} />
    </View>
  )
}
