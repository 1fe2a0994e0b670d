import type { PlaybookRule } from '@fieldsync/contracts'
import { radius, size, space } from '@fieldsync/design'
import { conditionText } from '@fieldsync/messages'
import { View } from 'react-native'

import { PlaceLink } from '../components/place-link.tsx'
import { useRights } from '../data/rights.ts'
import { pointerLabel } from '../messages/field-label.ts'
import { useTexts } from '../messages/messages-context.ts'
import { useColors } from '../theme/theme-context.ts'
import { Card } from '../ui/card.tsx'
import { Heading } from '../ui/heading.tsx'
import { Icon } from '../ui/icon.tsx'
import { Text } from '../ui/text.tsx'
import { type RuleValue, ruleValues } from './rule-values.ts'
import { valueText } from './value-text.ts'

type Props = { readonly playbookId: string; readonly rule: PlaybookRule }

/** One rule in words; what may be changed has a pencil. */
export function RuleCard({ playbookId, rule }: Props) {
  const { t } = useTexts()
  const { instructions, limits, window } = ruleValues(rule)
  return (
    <Card>
      <View style={{ gap: space.xs }}>
        <Heading level={2}>
          {t('playbook.rule', { issue: t(`issue.${rule.issue}`), severity: t(`severity.${rule.severity}`) })}
        </Heading>
        <Text as="label" soft>
          {t(`action.${rule.action.type}`)}
        </Text>
      </View>
      <ValueLine playbookId={playbookId} value={instructions} />
      <Values title={t('playbook.limits')} playbookId={playbookId} values={limits} />
      <Values title={t('playbook.window')} playbookId={playbookId} values={window} />
      {rule.timing.weatherAdjustments.length > 0 && (
        <View style={{ gap: space.xs }}>
          <Heading level={3}>{t('playbook.weather')}</Heading>
          {rule.timing.weatherAdjustments.map((each) => (
            <Text as="note" soft key={`${each.feature} ${each.condition}`}>
              {t('playbook.adjustment', {
                feature: t(`feature.${each.feature}`),
                condition: conditionText(t, each.condition),
                start: signed(each.shiftStartMinutes),
                end: signed(each.shiftEndMinutes),
              })}
            </Text>
          ))}
        </View>
      )}
    </Card>
  )
}

const signed = (minutes: number): string => (minutes > 0 ? `+${minutes}` : String(minutes).replace('-', '−'))

type ValuesProps = {
  readonly title: string
  readonly playbookId: string
  readonly values: readonly RuleValue[]
}

function Values({ title, playbookId, values }: ValuesProps) {
  return (
    <View style={{ gap: space.xs }}>
      <Heading level={3}>{title}</Heading>
      {values.map((value) => (
        <ValueLine key={value.pointer} playbookId={playbookId} value={value} />
      ))}
    </View>
  )
}

/** A value with its name; one that may be changed is a button to do so. */
function ValueLine({ playbookId, value }: { readonly playbookId: string; readonly value: RuleValue }) {
  const texts = useTexts()
  const colors = useColors()
  const { has } = useRights()
  const isEditable = value.isEditable && has('playbooks.patch')
  const name = pointerLabel(texts.t, value.pointer)
  const words = valueText(texts, value.pointer, value.value)
  const isLong = words.length > 24
  const content = (
    <>
      <View
        style={{
          flex: 1,
          flexDirection: isLong ? 'column' : 'row',
          justifyContent: 'space-between',
          columnGap: space.m,
        }}
      >
        <View style={{ flexShrink: 1 }}>
          <Text as="note" soft>
            {name}
          </Text>
        </View>
        <View style={{ flexShrink: isLong ? 1 : 0 }}>
          <Text as="bodyStrong">{words}</Text>
        </View>
      </View>
      {isEditable && (
        <View role="img" aria-label={texts.t('playbook.edit')}>
          <Icon name="pencil" color={colors.primary} />
        </View>
      )}
    </>
  )
  const row = {
    flexDirection: 'row',
    alignItems: 'center',
    gap: space.m,
    paddingVertical: space.s,
  } as const
  if (!isEditable) return <View style={{ ...row, paddingRight: space.m + size.icon }}>{content}</View>
  return (
    <PlaceLink
      to={{ screen: 'value', playbookId, pointer: value.pointer }}
      style={({ pressed }) => ({
        ...row,
        minHeight: size.target,
        paddingHorizontal: space.m,
        marginHorizontal: -space.m,
        borderRadius: radius.m,
        backgroundColor: pressed ? colors.well : colors.surface,
      })}
    >
      {content}
    </PlaceLink>
  )
}
