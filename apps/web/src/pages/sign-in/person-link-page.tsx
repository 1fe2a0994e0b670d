import { useTitle } from '../../components/page.tsx'
import { useMessages } from '../../messages/messages.tsx'
import type { AuthSessionQuery } from '../../server/auth.ts'
import { Accept } from './accept.tsx'
import { Reset } from './reset.tsx'
import { SignInFrame } from './sign-in-frame.tsx'

type Props = {
  readonly link: { readonly kind: 'accept' | 'reset'; readonly code: string }
  /** Who is signed in as a person, if anybody. */
  readonly session: AuthSessionQuery
  /** The link was used, and the person is in this workspace. */
  readonly onAccepted: (workspaceId: string) => void
  /** A person has signed in to use it. */
  readonly onSignedIn: () => void
  readonly signOut: () => Promise<void>
  readonly ignore: () => void
}

/** For who opened the link of an invitation, of the first start, or of a new password (APP-77). */
export function PersonLinkPage({
  link: { kind, code },
  session,
  onAccepted,
  onSignedIn,
  signOut,
  ignore,
}: Props) {
  const { t } = useMessages()
  const title = t(kind === 'reset' ? 'reset.title' : 'accept.title')
  useTitle(title)
  return (
    <SignInFrame title={title}>
      {kind === 'reset' ? (
        <Reset code={code} done={ignore} />
      ) : (
        <Accept
          code={code}
          session={session}
          onAccepted={onAccepted}
          onSignedIn={onSignedIn}
          signOut={signOut}
          ignore={ignore}
        />
      )}
    </SignInFrame>
  )
}
