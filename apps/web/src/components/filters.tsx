import { zoneNameOf } from '@fieldsync/messages'
import { Button, NativeSelect, TextInput } from '@mantine/core'
import { type GetInputPropsReturnType, useForm } from '@mantine/form'
import { useQuery } from '@tanstack/react-query'
import { useEffect, useId, useRef } from 'react'

import { useMessages } from '../messages/messages.tsx'
import { useApi, useSignedIn } from '../server/server.ts'
import { appliedValues, deviceMeant, type FilterValues, MOST_OFFERED, shownText } from './filter-values.ts'
import { focusFirstInvalid } from './form.ts'

export type Filter = { readonly name: string; readonly label: string } & (
  | { readonly kind: 'text' | 'moment' | 'device' }
  | { readonly kind: 'choice'; readonly choices: readonly { value: string; label: string }[] }
)

type Props = {
  filters: readonly Filter[]
  values: FilterValues
  apply: (values: Record<string, string>) => void
}

/**
 * Fields to narrow a list; what is chosen is in the address, so that it can be shared. Moments are those of
 * the workspace's clock, as in the lists, and the field names its time zone (APP-45).
 */
export function Filters({ filters, values, apply }: Props) {
  const { t } = useMessages()
  const { timeZone } = useSignedIn().session.workspace
  const known = useDeviceIds(filters.some(({ kind }) => kind === 'device'))
  const element = useRef<HTMLFormElement>(null)
  const shown: Record<string, string> = Object.fromEntries(
    filters.map(({ name, kind }) => [name, shownText(kind, values[name], timeZone)]),
  )
  const isWrong = ({ name, kind }: Filter, text: string): boolean =>
    (kind === 'moment' && isHalfTyped(element.current, name)) ||
    (kind === 'device' && text.trim() !== '' && deviceMeant(text.trim(), known) === undefined)
  const form = useForm({
    initialValues: shown,
    validate: Object.fromEntries(
      filters.map((filter) => [filter.name, (text: string) => (isWrong(filter, text) ? true : null)]),
    ),
  })
  useEffect(() => {
    // The address was changed, also by the browser's own way back.
    form.setValues(shown)
    clearHalfTyped(element.current)
  }, [JSON.stringify(shown)])
  const submit = (typed: FilterValues): void => {
    apply(appliedValues(filters, typed, { values, timeZone, known }))
  }
  const any = filters.some(({ name }) => values[name] !== undefined)
  return (
    <form
      ref={element}
      className="card"
      onSubmit={form.onSubmit(submit, focusFirstInvalid(form))}
      role="search"
      aria-label={t('filters')}
      noValidate
    >
      <div className="filters">
        {filters.map((filter) => (
          <Field key={filter.name} filter={filter} input={form.getInputProps(filter.name)} known={known} />
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
  input: GetInputPropsReturnType
  known: readonly string[]
}

function Field({ filter, input: { error, ...input }, known }: FieldProps) {
  const { t, language } = useMessages()
  const { timeZone } = useSignedIn().session.workspace
  const listId = useId()
  const { name, label, kind } = filter
  if (kind === 'choice') {
    const data = [{ value: '', label: t('filters.any') }, ...filter.choices]
    return <NativeSelect name={name} label={label} {...input} data={data} />
  }
  if (kind === 'moment') {
    return (
      <TextInput
        type="datetime-local"
        name={name}
        label={`${label} (${zoneNameOf(language, timeZone)})`}
        {...input}
        error={error ? t('filters.moment.wrong') : undefined}
      />
    )
  }
  if (kind === 'device') {
    return (
      <>
        <TextInput
          name={name}
          label={label}
          {...input}
          error={error ? t('filters.device.unknown', { text: String(input.value).trim() }) : undefined}
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
  return <TextInput name={name} label={label} {...input} />
}

/** Devices to choose from. */
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

/** Whether a moment is filled in only in part, of which its field gives nothing. */
function isHalfTyped(form: HTMLFormElement | null, name: string): boolean {
  const field = form?.elements.namedItem(name)
  return field instanceof HTMLInputElement && field.validity.badInput
}

/** For the form's state such a field is empty already. */
function clearHalfTyped(form: HTMLFormElement | null): void {
  for (const field of form?.querySelectorAll('input') ?? []) if (field.validity.badInput) field.value = ''
}
