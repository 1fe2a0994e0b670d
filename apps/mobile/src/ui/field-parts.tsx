import { space } from '@fieldsync/design'
import { View } from 'react-native'

import { useColors } from '../theme/theme-context.ts'
import { Icon } from './icon.tsx'
import { Text } from './text.tsx'

export const FieldLabel = ({ label }: { readonly label: string }) => <Text as="label">{label}</Text>

type Props = {
  readonly id: string
  readonly problem: string | undefined
  readonly hint: string | undefined
}

/** What is wrong with a field, in words, or else what it is for. Read out when it changes. */
export function FieldProblem({ id, problem, hint }: Props) {
  const colors = useColors()
  const text = problem ?? hint
  return (
    <View
      nativeID={id}
      aria-live="polite"
      style={{ flexDirection: 'row', gap: space.xs, alignItems: 'center' }}
    >
      {problem !== undefined && <Icon name="warning" color={colors.danger} large={18} />}
      {text !== undefined && (
        <Text as="note" {...(problem === undefined ? { soft: true } : { color: colors.danger })}>
          {text}
        </Text>
      )}
    </View>
  )
}
