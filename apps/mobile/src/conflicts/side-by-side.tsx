import { radius, space } from '@fieldsync/design'
import type { LocalConflict } from '@fieldsync/sync-engine'
import type { conflictWinner } from '@fieldsync/sync-engine'
import { View } from 'react-native'

import { useSettings } from '../data/settings-context.ts'
import { useTexts } from '../messages/messages-context.ts'
import { useColors } from '../theme/theme-context.ts'
import { Badge } from '../ui/badge.tsx'
import { Card } from '../ui/card.tsx'
import { Heading } from '../ui/heading.tsx'
import { Pairs } from '../ui/pairs.tsx'
import { Text } from '../ui/text.tsx'
import { type ComparedField, comparison, differs } from './comparison.ts'

type SideBySideProps = {
  readonly conflict: LocalConflict
  /** The version to show beside the losing one; null where there is none. */
  readonly theirs: ReturnType<typeof conflictWinner>
}

/** Both versions beside each other; what differs comes first and is marked. */
export function SideBySide({ conflict, theirs }: SideBySideProps) {
  const texts = useTexts()
  const { t } = texts
  const fields = comparison(texts, conflict, theirs, useSettings().settings.timeZone)
  const hasOther = fields.some((field) => field.theirs !== null)
  if (!hasOther) {
    return (
      <Card>
        <Heading level={2}>{t('conflict.mine')}</Heading>
        <Text as="note" soft>
          {conflict.kind === 'local' ? t('conflict.nothingThere') : t('conflict.noServer')}
        </Text>
        <Pairs pairs={fields.flatMap(({ name, mine }) => (mine === null ? [] : [[name, mine] as const]))} />
      </Card>
    )
  }
  const unequal = fields.filter(differs)
  const equal = fields.filter((field) => !differs(field) && field.mine !== null)
  return (
    <Card gap={space.l}>
      <Heading level={2}>{t('conflict.both')}</Heading>
      {unequal.map((field) => (
        <DifferingField key={field.name} field={field} />
      ))}
      {equal.length > 0 && (
        <Text as="note" soft>
          {t('conflict.same', { count: equal.length })}
        </Text>
      )}
    </Card>
  )
}

function DifferingField({ field: { name, mine, theirs } }: { readonly field: ComparedField }) {
  const { t } = useTexts()
  return (
    <View style={{ gap: space.s }}>
      <View style={{ flexDirection: 'row', gap: space.s, alignItems: 'center', flexWrap: 'wrap' }}>
        <Heading level={3}>{name}</Heading>
        <Badge tone="waiting" label={t('conflict.differs')} />
      </View>
      <View style={{ flexDirection: 'row', gap: space.s }}>
        <Side title={t('conflict.mine')} value={mine} isMine />
        <Side title={t('conflict.theirs')} value={theirs} />
      </View>
    </View>
  )
}

type SideProps = { readonly title: string; readonly value: string | null; readonly isMine?: boolean }

function Side({ title, value, isMine = false }: SideProps) {
  const { t } = useTexts()
  const colors = useColors()
  const ink = isMine ? colors.onChanged : colors.ink
  return (
    <View
      style={{
        flex: 1,
        gap: space.xs,
        padding: space.m,
        borderRadius: radius.m,
        backgroundColor: isMine ? colors.changed : colors.well,
      }}
    >
      <Text as="small" color={isMine ? colors.onChanged : colors.inkSoft}>
        {title}
      </Text>
      <Text color={ink}>{value ?? t('conflict.none')}</Text>
    </View>
  )
}
