import { DeviceId } from '@fieldsync/contracts'
import { fromZoned, toZoned, zoneNameOf } from '@fieldsync/messages'
import { Button, NativeSelect, TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { type FormEvent, useId, useState } from 'react'

import { useMessages } from '../messages/messages.tsx'
import { useApi, useSignedIn } from '../server/server.ts'

export type Filter = { readonly name: string; readonly label: string } & (
  | { readonly kind: 'text' | 'moment' | 'device' }
  | { readonly kind: 'choice'; readonly choices: readonly { value: string; label: string }[] }
)

type Values = Readonly<Record<string, string | undefined>>
type Props = { filters: readonly Filter[]; values: Values; apply: (values: Record<string, string>) => void }

/**
 * Fields to narrow a list; what is chosen is in the address, so that it can be shared. Moments are those of
 * the workspace's clock, as in the lists, and the field names its time zone (APP-45).
 */
export function Filters({ filters, values, apply }: Props) {
  const { t } = useMessages()
  const { timeZone } = useSignedIn().session.workspace
  const known = useDeviceIds(filters.some(({ kind }) => kind === 'device'))
  const [wrong, setWrong] = useState<Values>({})
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault()
    const given = new FormData(event.currentTarget)
    const next: Record<string, string> = {}
    const refused: Record<string, string> = {}
    for (const { name, kind } of filters) {
      const typed = given.get(name)
      if (kind === 'moment' && isHalfTyped(event.currentTarget, name))
        refused[name] = t('filters.moment.wrong')
      if (typeof typed !== 'string' || typed.trim() === '') continue
      const text = typed.trim()
      if (kind === 'device') {
        const found = deviceMeant(text, known)
        if (found === undefined) refused[name] = t('filters.device.unknown', { text })
        else next[name] = found
      } else next[name] = kind === 'moment' ? instantOf(text, values[name], timeZone) : text
    }
    setWrong(refused)
    if (Object.keys(refused).length === 0) apply(next)
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
      noValidate
    >
      <div className="filters">
        {filters.map((filter) => (
          <Field
            key={filter.name}
            filter={filter}
            value={values[filter.name]}
            wrong={wrong[filter.name]}
            known={known}
          />
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

type FieldProps = {
  filter: Filter
  value: string | undefined
  wrong: string | undefined
  known: readonly string[]
}

function Field({ filter, value = '', wrong, known }: FieldProps) {
  const { t, language } = useMessages()
  const { timeZone } = useSignedIn().session.workspace
  const listId = useId()
  const { name, label, kind } = filter
  if (kind === 'choice') {
    const data = [{ value: '', label: t('filters.any') }, ...filter.choices]
    return <NativeSelect name={name} label={label} defaultValue={value} data={data} />
  }
  if (kind === 'moment') {
    return (
      <TextInput
        type="datetime-local"
        name={name}
        label={`${label} (${zoneNameOf(language, timeZone)})`}
        defaultValue={clockText(value, timeZone)}
        error={wrong}
      />
    )
  }
  if (kind === 'device') {
    return (
      <>
        <TextInput
          name={name}
          label={label}
          defaultValue={value}
          error={wrong}
          list={listId}
          autoComplete="off"
        />
        <datalist id={listId}>
          {known.map((deviceId) => (
            <option key={deviceId} value={deviceId} />
          ))}
        </datalist>
      </>
    )
  }
  return <TextInput name={name} label={label} defaultValue={value} />
}

const MOST_OFFERED = 500

/** Devices to choose from; a longer list is not offered whole, but any id may be typed. */
function useDeviceIds(wanted: boolean): readonly string[] {
  const api = useApi()
  const { data } = useQuery({
    queryKey: ['device ids'],
    queryFn: async ({ signal }) =>
      (await api.devices.list.query({ limit: MOST_OFFERED }, { signal })).items.map(
        ({ deviceId }) => deviceId,
      ),
    enabled: wanted,
  })
  return data ?? []
}

/** The device that a person means: its id, or any part that no other device's id has. */
function deviceMeant(text: string, known: readonly string[]): string | undefined {
  if (known.includes(text)) return text
  const part = text.toLowerCase()
  const [first, ...more] = known.filter((deviceId) => deviceId.includes(part))
  if (first !== undefined && more.length === 0) return first
  // One beyond the offered ones.
  return DeviceId.safeParse(text).success && (known.length === 0 || known.length >= MOST_OFFERED)
    ? text
    : undefined
}

/** Whether a moment is filled in only in part, of which its field gives nothing. */
function isHalfTyped(form: HTMLFormElement, name: string): boolean {
  const field = form.elements.namedItem(name)
  return field instanceof HTMLInputElement && field.validity.badInput
}

/** A field that was not touched keeps its instant: the clock's text has no seconds. */
function instantOf(text: string, was: string | undefined, timeZone: string): string {
  if (was !== undefined && text === clockText(was, timeZone)) return was
  const at = fromZoned(text, timeZone)
  return Number.isNaN(at) ? text : new Date(at).toISOString()
}

/** An instant as the browser's own field for moments wants it; an address may say anything, and what is no moment is shown as none. */
function clockText(instant: string, timeZone: string): string {
  const at = Date.parse(instant)
  return Number.isNaN(at) ? '' : toZoned(at, timeZone)
}
