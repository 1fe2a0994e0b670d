import type { PlaybookId } from '@fieldsync/contracts'
import type { ActivePlaybook, PublicationRefusal } from '@fieldsync/domain'

import { notFound, publishingConflict, ServiceError } from '../core/service-error.ts'

/** What a caller gets for a request that the rules refuse. */
export function publicationRefusal(
  reason: PublicationRefusal,
  playbookId: PlaybookId,
  active: ActivePlaybook | undefined,
): ServiceError {
  const version = active?.document.version
  switch (reason) {
    case 'exists':
      return publishingConflict(reason, `There is a playbook ${playbookId} already; publish a version of it.`)
    case 'unknown':
      return notFound('playbook', playbookId)
    case 'version_mismatch':
      return new ServiceError(
        'PLAYBOOK_VERSION_MISMATCH',
        `Version ${version} is active: look at what has changed, and base yours on it.`,
        { details: { activeVersion: version } },
      )
    case 'unknown_version':
      return notFound('earlier version', `of ${playbookId}`)
    case 'unchanged':
      return publishingConflict(reason, `This is what version ${version} says already.`)
    case 'retired':
      return publishingConflict(reason, `The playbook ${playbookId} is retired already.`)
  }
}
