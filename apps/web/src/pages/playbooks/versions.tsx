import type { Playbook, PlaybookId, Proposal, PublishedVersion } from '@fieldsync/contracts'
import { Button, NativeSelect } from '@mantine/core'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { type FormEvent, useState } from 'react'

import { Badge } from '../../components/badge.tsx'
import { Pager } from '../../components/pager.tsx'
import { QueryResult } from '../../components/query-result.tsx'
import { useMessages, useMoment } from '../../messages/messages.tsx'
import { usePersonName } from '../../server/person-names.ts'
import { useApi, useSignedIn } from '../../server/server.ts'
import { RollBack } from './change-dialogs.tsx'
import { Differences } from './differences.tsx'
import { changesBetween } from './leaves.ts'
import { useMayPublish } from './may-publish.ts'

const route = getRouteApi('/playbooks/$playbookId')

type Props = {
  readonly playbookId: PlaybookId
  /** The active version, once it is known: what a rollback is based on. */
  readonly active?: Playbook
  readonly done?: (made: PublishedVersion | Proposal) => void
}

/** Every version with who made it, when and why; any two can be compared. */
export function Versions({ playbookId, active, done }: Props) {
  const { t } = useMessages()
  const api = useApi()
  const moment = useMoment(useSignedIn().session.workspace.timeZone)
  const nameOf = usePersonName()
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const { cursor } = search
  const { isShown, withheld, proposes } = useMayPublish(playbookId)
  const [backTo, setBackTo] = useState<number | null>(null)
  const query = useQuery({
    queryKey: ['versions', playbookId, cursor],
    queryFn: ({ signal }) =>
      api.playbooks.versions.query({ playbookId, ...(cursor === undefined ? {} : { cursor }) }, { signal }),
    placeholderData: keepPreviousData,
  })
  const compare = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault()
    const chosen = new FormData(event.currentTarget)
    const [older, newer] = ['older', 'newer']
      .map((name) => Number(chosen.get(name)))
      .toSorted((a, b) => a - b)
    void navigate({ search: { ...search, older: String(older), newer: String(newer) } })
  }
  return (
    <QueryResult query={query}>
      {({ items, nextCursor }) => {
        const versions = items.map(({ version }) => String(version))
        return (
          <section className="card">
            <h2>{t('versions.title')}</h2>
            {items.length < 2 ? (
              <p className="soft">{t('versions.one')}</p>
            ) : (
              <form className="row" onSubmit={compare} key={versions.join()}>
                <NativeSelect
                  name="older"
                  aria-label={t('versions.older')}
                  data={versions}
                  defaultValue={search.older ?? versions[1]}
                />
                <span aria-hidden="true">→</span>
                <NativeSelect
                  name="newer"
                  aria-label={t('versions.newer')}
                  data={versions}
                  defaultValue={search.newer ?? versions[0]}
                />
                <Button type="submit" variant="default">
                  {t('versions.compare')}
                </Button>
              </form>
            )}
            <ul className="diff">
              {items.map(
                ({
                  version,
                  active: isActive,
                  createdAt,
                  deviceId,
                  kind,
                  reason,
                  approvedBy,
                  patch,
                  paths,
                }) => (
                  <li key={version}>
                    <div className="row">
                      <strong>{t('playbook.version', { version: String(version) })}</strong>
                      {isActive ? <Badge tone="settled">{t('versions.active')}</Badge> : null}
                      <span className="soft">
                        {moment(createdAt)}
                        {kind === undefined ? '' : ` · ${t(`kind.${kind}`)}`}
                        {deviceId === null ? '' : ` · ${nameOf(deviceId)}`}
                        {approvedBy == null
                          ? ''
                          : ` · ${t('versions.approvedBy', { who: nameOf(approvedBy) })}`}
                      </span>
                      {isShown && active && version < active.version ? (
                        <Button
                          size="xs"
                          variant="default"
                          disabled={withheld !== null}
                          onClick={() => setBackTo(version)}
                        >
                          {t('rollBack.to', { version: String(version) })}
                        </Button>
                      ) : null}
                    </div>
                    <p>{reason ?? patch?.reason ?? t('versions.noPatch')}</p>
                    {patch === null ? null : <code className="soft">{paths.join('  ')}</code>}
                  </li>
                ),
              )}
            </ul>
            {backTo === null || !active || !done ? null : (
              <RollBack
                playbookId={playbookId}
                baseVersion={active.version}
                toVersion={backTo}
                proposes={proposes}
                close={() => setBackTo(null)}
                done={done}
              />
            )}
            <Pager
              cursor={cursor}
              next={nextCursor}
              go={(to) => void navigate({ search: to === undefined ? {} : { cursor: to } })}
            />
          </section>
        )
      }}
    </QueryResult>
  )
}

/** What differs between the two versions that the address names. */
export function VersionDiff({ playbookId }: { playbookId: PlaybookId }) {
  const { t } = useMessages()
  const api = useApi()
  const { older, newer } = route.useSearch()
  const query = useQuery({
    queryKey: ['diff', playbookId, older, newer],
    enabled: older !== undefined && newer !== undefined,
    queryFn: async ({ signal }) => {
      const [before, after] = await Promise.all(
        [older, newer].map((version) =>
          api.playbooks.get.query({ playbookId, version: Number(version) }, { signal }),
        ),
      )
      return changesBetween(before?.rules, after?.rules)
    },
  })
  if (older === undefined || newer === undefined) return null
  return (
    <section className="card" aria-label={t('diff.title', { older, newer })}>
      <h2>{t('diff.title', { older, newer })}</h2>
      <QueryResult query={query} lines={2}>
        {(changes) => <Differences changes={changes} />}
      </QueryResult>
    </section>
  )
}
