import { isFieldsyncError, NetworkError } from '@fieldsync/client'
import type { EnrolledKey } from '@fieldsync/client/device-key'
import { isEnrollmentCode, readEnrollmentLink } from '@fieldsync/contracts'
import { Button, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useMutation, type UseMutationResult } from '@tanstack/react-query'
import { useEffect, useEffectEvent } from 'react'

import { ErrorNote } from '../../components/error-note.tsx'
import { focusFirstInvalid } from '../../components/form.ts'
import { useMessages } from '../../messages/messages.tsx'
import { enrollBrowser, homeUrl } from '../../server/credential.ts'

type Props = {
  /** The page was opened by it: there is nothing to type. */
  link: string | null
  /** Somebody is signed in: nothing happens before the person says so. */
  isIn: boolean
  /** There is another way that is likely to be wanted. */
  isSecond: boolean
  onEnrolled: (key: EnrolledKey) => void
  ignoreLink: () => void
}

/** Gives this browser a key with a link or a code, and signs in with it (APP-66). */
export function WithLink({ link, isIn, isSecond, onEnrolled, ignoreLink }: Props) {
  const enrollment = useMutation({ mutationFn: enrollBrowser, onSuccess: onEnrolled })
  return link === null ? (
    <LinkForm isSecond={isSecond} enrollment={enrollment} />
  ) : (
    <OpenedLink link={link} isIn={isIn} enrollment={enrollment} ignoreLink={ignoreLink} />
  )
}

type Enrollment = UseMutationResult<EnrolledKey, Error, string>

/** It is used at once, unless the browser is signed in already. */
function OpenedLink({
  link,
  isIn,
  enrollment: { mutate, isPending, error },
  ignoreLink,
}: Pick<Props, 'isIn' | 'ignoreLink'> & { link: string; enrollment: Enrollment }) {
  const { t } = useMessages()
  const read = readTyped(link)
  const start = useEffectEvent(() => {
    if (!isIn && 'code' in read) mutate(read.code)
  })
  useEffect(() => start(), [])
  if (isPending) return <p role="status">{t('signIn.link.running')}</p>
  // The server has not refused the code: it can be used again.
  const mayRetry = error !== null && !isFieldsyncError(error)
  return (
    <>
      <EnrollmentError error={error} />
      {isIn && error === null ? <p className="note waiting">{t('signIn.link.isIn')}</p> : null}
      {'problem' in read ? (
        <p className="note clash" role="alert">
          {t(read.problem)}
        </p>
      ) : error === null || mayRetry ? (
        <Button autoFocus size="md" onClick={() => mutate(read.code)}>
          {t(mayRetry ? 'error.retry' : 'signIn.link.go')}
        </Button>
      ) : null}
      <Button variant="default" onClick={ignoreLink}>
        {t(isIn ? 'signIn.link.stay' : 'signIn.link.other')}
      </Button>
    </>
  )
}

type FormProps = Pick<Props, 'isSecond'> & { enrollment: Enrollment }

function LinkForm({ isSecond, enrollment: { mutate, isPending, error } }: FormProps) {
  const { t } = useMessages()
  const form = useForm({
    mode: 'uncontrolled',
    initialValues: { typed: '' },
    validate: {
      typed: (typed) => {
        const read = readTyped(typed)
        return 'problem' in read ? t(read.problem) : null
      },
    },
  })
  const submit = ({ typed }: { typed: string }): void => {
    const read = readTyped(typed)
    if ('code' in read) mutate(read.code)
  }
  return (
    <form className="page" onSubmit={form.onSubmit(submit, focusFirstInvalid(form))} noValidate>
      <p className="soft">{t('signIn.link.lead')}</p>
      <TextInput
        label={t('signIn.link')}
        {...form.getInputProps('typed')}
        key={form.key('typed')}
        autoComplete="off"
        autoFocus={!isSecond}
        spellCheck={false}
        required
        withAsterisk={false}
        size="md"
      />
      <EnrollmentError error={error} />
      <Button type="submit" size="md" variant={isSecond ? 'default' : 'filled'} loading={isPending}>
        {t('signIn.link.go')}
      </Button>
    </form>
  )
}

function EnrollmentError({ error }: { error: Error | null }) {
  const { t } = useMessages()
  if (error === null) return null
  const isLost = error instanceof NetworkError && error.kind !== 'not_ours' && error.kind !== 'redirected'
  return <ErrorNote error={error} text={isLost ? t('signIn.link.noAnswer') : undefined} />
}

/** The code that a person typed or pasted, or that is in a link of this server. */
function readTyped(
  typed: string,
): { readonly code: string } | { readonly problem: 'signIn.link.problem' | 'signIn.link.elsewhere' } {
  if (isEnrollmentCode(typed)) return { code: typed.trim() }
  const link = readEnrollmentLink(typed)
  if (link === undefined) return { problem: 'signIn.link.problem' }
  return new URL(link.address).origin === homeUrl()
    ? { code: link.code }
    : { problem: 'signIn.link.elsewhere' }
}
