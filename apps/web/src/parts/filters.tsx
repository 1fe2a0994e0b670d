import { Button, NativeSelect, TextInput } from '@mantine/core'
import type { FormEvent } from 'react'

import { useMessages } from '../messages/messages.tsx'

export type Filter = { readonly name: string; readonly label: string } & (
  | { readonly kind: 'text' | 'moment' }
  | { readonly kind: 'choice'; readonly choices: readonly { value: string; label: string }[] }
)

type Values = Readonly<Record<string, string | undefined>>
type Props = { filters: readonly Filter[]; values: Values; apply: (values: Record<string, string>) => void }

/** Fields to narrow a list; what is chosen is in the address, so that it can be sent to somebody. */
export function Filters({ filters, values, apply }: Props) {
  const { t } = useMessages()
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault()
    const given = new FormData(event.currentTarget)
    const next: Record<string, string> = {}
    for (const { name, kind } of filters) {
      const value = given.get(name)
      if (typeof value !== 'string' || value.trim() === '') continue
      next[name] = kind === 'moment' ? new Date(value).toISOString() : value.trim()
    }
    apply(next)
  }
  const any = filters.some(({ name }) => values[name] !== undefined)
  return (
    // A new form for what the address says, should that change by the browser's own way back.
    <form
      key={JSON.stringify(values)}
      className="card"
      onSubmit={submit}
      role="search"
      aria-label={t('filters')}
    >
      <div className="filters">
        {filters.map((filter) => (
          <Field key={filter.name} filter={filter} value={values[filter.name]} />
        ))}
        <div className="actions">
          <Button type="submit">{t('filters.apply')}</Button>
          {any ? (
            <Button variant="default" onClick={() => apply({})}>
              {t('filters.clear')}
            </Button>
          ) : null}
        </div>
      </div>
    </form>
  )
}

function Field({ filter, value = '' }: { filter: Filter; value: string | undefined }) {
  const { t } = useMessages()
  const { name, label, kind } = filter
  if (kind === 'choice') {
    const data = [{ value: '', label: t('filters.any') }, ...filter.choices]
    return <NativeSelect name={name} label={label} defaultValue={value} data={data} />
  }
  if (kind === 'moment') {
    return <TextInput type="datetime-local" name={name} label={label} defaultValue={localMoment(value)} />
  }
  return <TextInput name={name} label={label} defaultValue={value} />
}

/** An instant as the browser's own field for moments wants it, in this machine's time zone. */
function localMoment(instant: string): string {
  const at = new Date(instant)
  // An address may say anything; what is no moment is the server's to refuse.
  if (Number.isNaN(at.getTime())) return ''
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16)
}
