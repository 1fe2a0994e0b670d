import type { FieldsyncClient } from '@fieldsync/client'
import { space } from '@fieldsync/design'
import type { Ref } from 'react'
import { View } from 'react-native'

import { useSettings } from '../data/settings-context.ts'
import { useStored } from '../data/use-stored.ts'
import { useTexts } from '../messages/messages-context.ts'
import { Choice } from '../ui/choice.tsx'
import type { Focusable } from '../ui/reveal.ts'
import { TextField } from '../ui/text-field.tsx'
import { blocksOf } from './note-place.ts'

type Props = {
  readonly value: string
  readonly onChange: (block: string) => void
  readonly problem: string | undefined
  readonly focusRef?: Ref<Focusable> | undefined
}

const OFFERED = 4

const latest = async (client: FieldsyncClient) =>
  (await client.records('observation', { reverse: true, limit: 50 })).map(({ document }) => document)

/** The block, typed or by one tap: the one of the writer's last note comes first, and none is filled in (APP-10). */
export function BlockField({ value, onChange, problem, focusRef }: Props) {
  const { t } = useTexts()
  const { lastBlock } = useSettings().settings
  const blocks = blocksOf(useStored(latest) ?? [], lastBlock, OFFERED)
  return (
    <View style={{ gap: space.s }}>
      <TextField
        label={t('field.fieldBlock')}
        hint={t('note.block.hint')}
        value={value}
        onChange={onChange}
        problem={problem}
        focusRef={focusRef}
      />
      {blocks.length > 0 && (
        <Choice
          label={t('field.fieldBlock')}
          hideLabel
          pick="one"
          options={blocks.map((block) => ({ value: block, label: block }))}
          chosen={[value.trim()]}
          onChange={onChange}
        />
      )}
    </View>
  )
}
