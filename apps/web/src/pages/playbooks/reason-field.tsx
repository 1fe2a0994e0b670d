import { RequiredText } from '@fieldsync/contracts'
import { Textarea } from '@mantine/core'

import { useMessages } from '../../messages/messages.tsx'

type Props = {
  readonly value: string
  readonly onChange: (reason: string) => void
  /** What was tried without a reason says so. */
  readonly isTried?: boolean
  readonly label?: string
}

export const isReasonGiven = (reason: string): boolean => RequiredText.safeParse(reason).success

/** Why, for the history. */
export function ReasonField({ value, onChange, isTried = false, label }: Props) {
  const { t } = useMessages()
  return (
    <Textarea
      label={label ?? t('edit.reason')}
      description={t('edit.reason.about')}
      name="reason"
      value={value}
      onChange={({ currentTarget }) => onChange(currentTarget.value)}
      error={isTried && !isReasonGiven(value) ? t('edit.reason.wrong') : undefined}
      autosize
      minRows={2}
    />
  )
}
