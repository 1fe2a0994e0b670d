import { ServiceError } from '@fieldsync/services'
import type { Request } from 'express'

import type { ApiParts } from '../core/api-context.ts'
import { ownAddress } from './own-address.ts'

/**
 * Refuses a request that another site's page has made (PEO-15). Browsers say who asks in `Sec-Fetch-Site` and, at every POST, in
 * `Origin`; a request that cookies authenticate and that says neither is refused as well.
 *
 * @param usesCookies whether cookies authenticate it: then a mutation has to say where it comes from
 * @throws ServiceError FORBIDDEN, reason `origin`
 */
export function requireSameOrigin(api: ApiParts, req: Request, usesCookies: boolean): void {
  const site = req.get('sec-fetch-site')
  const origin = req.get('origin')
  const isRead = req.method === 'GET' || req.method === 'HEAD'
  if (site !== undefined && site !== 'same-origin' && !(isRead && site === 'none')) throw foreign()
  if (origin !== undefined && origin !== URL.parse(ownAddress(api, req))?.origin) throw foreign()
  if (usesCookies && !isRead && site === undefined && origin === undefined) throw foreign()
}

const foreign = (): ServiceError =>
  new ServiceError('FORBIDDEN', 'This request did not come from a page of this server.', {
    details: { reason: 'origin' },
  })
