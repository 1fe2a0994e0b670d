import { radius, space } from '@fieldsync/design'
import { View } from 'react-native'

import { useTexts } from '../messages/messages-context.ts'
import { useColors } from '../theme/theme-context.ts'
import { Text } from '../ui/text.tsx'
import type { PlainValue } from './rule-values.ts'
import { valueText } from './value-text.ts'

type Props = { readonly pointer: string; readonly before: PlainValue; readonly after: PlainValue }

/** What a value is, and what it will be. */
export function ValueDiff({ pointer, before, after }: Props) {
  const texts = useTexts()
  const colors = useColors()
  const side = {
    flexGrow: 1,
    flexBasis: 140,
    gap: space.xs,
    padding: space.m,
    borderRadius: radius.m,
  } as const
  return (
    <View style={{ flexDirection: 'row', flexWrap: 'wrap', gap: space.s }}>
      <View style={{ ...side, backgroundColor: colors.well }}>
        <Text as="small" soft>
          {texts.t('value.now')}
        </Text>
        <Text as="bodyStrong" style={{ textDecorationLine: 'line-through' }}>
          {valueText(texts, pointer, before)}
        </Text>
      </View>
      <View style={{ ...side, backgroundColor: colors.changed }}>
        <Text as="small" color={colors.onChanged}>
          {texts.t('value.after')}
        </Text>
        <Text as="bodyStrong" color={colors.onChanged}>
          {valueText(texts, pointer, after)}
        </Text>
      </View>
    </View>
  )
}
