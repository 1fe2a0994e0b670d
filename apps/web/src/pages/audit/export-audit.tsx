import { Button, NativeSelect } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useEffect, useRef, useState } from 'react'

import { ErrorNote } from '../../components/error-note.tsx'
import type { FilterValues } from '../../components/filter-values.ts'
import { useMessages } from '../../messages/messages.tsx'
import { useApi } from '../../server/server.ts'
import { collectEntries, EXPORT_FORMATS, type ExportFormat } from './collect-entries.ts'

const PAGE_SIZE = 500
const TYPES = { csv: 'text/csv', jsonl: 'application/jsonl' } as const

/** Downloads what the filters show, with what has arrived so far (APP-93). */
export function ExportAudit({ filters }: { filters: FilterValues }) {
  const { t } = useMessages()
  const api = useApi()
  const [format, setFormat] = useState<ExportFormat>('csv')
  const [count, setCount] = useState(0)
  const stopping = useRef<AbortController>(undefined)
  // A page that is left stops asking.
  useEffect(() => () => stopping.current?.abort(), [])
  const download = useMutation({
    mutationFn: async () => {
      const controller = new AbortController()
      stopping.current = controller
      setCount(0)
      const next = async (cursor: string | undefined) =>
        await api.audit.list.query(
          { ...filters, limit: PAGE_SIZE, ...(cursor === undefined ? {} : { cursor }) },
          { signal: controller.signal },
        )
      const collected = await collectEntries(next, format, setCount)
      offer(new Blob(collected.parts, { type: TYPES[format] }), `audit.${format}`)
      return collected
    },
  })
  const done = download.data
  return (
    <section className="card" aria-label={t('audit.export')}>
      <div className="filters">
        <NativeSelect
          label={t('audit.export.format')}
          value={format}
          onChange={({ currentTarget }) =>
            setFormat(EXPORT_FORMATS.find((each) => each === currentTarget.value) ?? 'csv')
          }
          data={[
            { value: 'csv', label: t('audit.export.csv') },
            { value: 'jsonl', label: t('audit.export.jsonl') },
          ]}
        />
        <div className="actions">
          <Button variant="default" loading={download.isPending} onClick={() => download.mutate()}>
            {t('audit.export')}
          </Button>
        </div>
      </div>
      <p className="soft" role="status">
        {download.isPending
          ? t('audit.export.running', { count })
          : done === undefined
            ? t('audit.export.lead')
            : done.isWhole
              ? t('audit.export.done', { count: done.count })
              : t('audit.export.most', { count: done.count })}
      </p>
      {download.error === null ? null : <ErrorNote error={download.error} retry={() => download.mutate()} />}
    </section>
  )
}

/** Has the browser save a file. */
function offer(blob: Blob, name: string): void {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(blob)
  link.download = name
  link.click()
  URL.revokeObjectURL(link.href)
}
